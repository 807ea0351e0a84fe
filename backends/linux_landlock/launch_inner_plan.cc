#include "backends/linux_landlock/launch_inner_plan.h"

#include <cstring>
#include <vector>

namespace paddock {
namespace {

constexpr uint64_t kMagic = 0x314e4c5044445031;  // another number with each change of what follows

class Writer {
 public:
  void Field(uint64_t value) { text_.append(reinterpret_cast<const char*>(&value), sizeof(value)); }
  void Field(const std::string& text) {
    Field(uint64_t{text.size()});
    text_ += text;
  }
  template <typename T>
  void Field(const std::optional<T>& value) {
    Field(uint64_t{value.has_value()});
    if (value) Field(uint64_t{*value});
  }
  template <typename T, typename Each>
  void List(const std::vector<T>& list, Each each) {
    Field(uint64_t{list.size()});
    for (const T& one : list) each(one);
  }
  std::string Take() && { return std::move(text_); }

 private:
  std::string text_;
};

class Reader {
 public:
  explicit Reader(absl::string_view text) : rest_(text) {}

  bool AtEnd() const { return ok_ && rest_.empty(); }

  uint64_t Number() {
    uint64_t value = 0;
    if (!Has(sizeof(value))) return 0;
    memcpy(&value, rest_.data(), sizeof(value));
    rest_.remove_prefix(sizeof(value));
    return value;
  }
  // One of the values below `end`.
  template <typename Enum>
  Enum OneOf(uint64_t end) {
    const uint64_t value = Number();
    ok_ = ok_ && value < end;
    return static_cast<Enum>(ok_ ? value : 0);
  }
  bool Flag() { return OneOf<uint8_t>(2) != 0; }
  std::string Text() {
    const uint64_t size = Number();
    if (!Has(size)) return "";
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return text;
  }
  std::optional<uint64_t> Maybe() {
    if (!Flag()) return std::nullopt;
    return Number();
  }
  template <typename Each>
  void List(Each each) {
    const uint64_t size = Number();
    ok_ = ok_ && size <= rest_.size() / sizeof(uint64_t);  // every element takes a number at least
    for (uint64_t i = 0; ok_ && i < size; ++i) each();
  }

 private:
  bool Has(uint64_t size) {
    ok_ = ok_ && size <= rest_.size();
    return ok_;
  }

  absl::string_view rest_;
  bool ok_ = true;
};

std::optional<uint64_t> Count(const std::optional<std::chrono::milliseconds>& time) {
  if (!time) return std::nullopt;
  return static_cast<uint64_t>(time->count());
}

}  // namespace

std::string EncodeInnerPlan(const InnerPlan& inner) {
  const LinuxPlan& plan = *inner.plan;
  Writer w;
  w.Field(kMagic);
  w.Field(uint64_t{inner.tty});
  w.Field(uint64_t{inner.columns});
  w.Field(uint64_t{inner.rows});
  w.Field(static_cast<uint64_t>(plan.landlock_abi));
  w.List(plan.landlock, [&](const LandlockRule& rule) {
    w.Field(rule.path);
    w.Field(static_cast<uint64_t>(rule.grant));
    w.Field(uint64_t{rule.directory});
  });
  w.List(plan.mounts, [&](const MountStep& step) {
    w.Field(step.target);
    w.Field(static_cast<uint64_t>(step.op));
    w.Field(step.identity.device);
    w.Field(step.identity.inode);
  });
  for (const bool flag : {plan.seccomp_root_caller, plan.seccomp_allow_perf, plan.process_limits.rlimit_nproc,
                          plan.process_limits.rlimit_data, plan.process_limits.rlimit_cpu}) {
    w.Field(uint64_t{flag});
  }
  w.Field(Count(plan.limits.cpu));
  w.Field(plan.limits.memory);
  w.Field(plan.limits.processes);
  w.Field(plan.limits.file_size);
  w.List(plan.command, [&](const std::string& word) { w.Field(word); });
  w.List(plan.environment, [&](const std::string& variable) { w.Field(variable); });
  w.Field(plan.cwd);
  return std::move(w).Take();
}

absl::StatusOr<InnerPlan> DecodeInnerPlan(absl::string_view bytes) {
  Reader r(bytes);
  if (r.Number() != kMagic) return absl::InvalidArgumentError("no plan of this build's");
  InnerPlan inner;
  auto plan = std::make_shared<LinuxPlan>();
  plan->tier = LinuxTier::kBubblewrap;
  inner.tty = r.Flag();
  inner.columns = static_cast<uint16_t>(r.Number());
  inner.rows = static_cast<uint16_t>(r.Number());
  plan->landlock_abi = r.OneOf<int>(256);
  r.List([&] {
    LandlockRule rule;
    rule.path = r.Text();
    rule.grant = r.OneOf<LandlockGrant>(static_cast<uint64_t>(LandlockGrant::kReadOnly) + 1);
    rule.directory = r.Flag();
    plan->landlock.push_back(std::move(rule));
  });
  r.List([&] {
    MountStep step;
    step.target = r.Text();
    step.op = r.OneOf<MountOp>(static_cast<uint64_t>(MountOp::kSymlink) + 1);
    step.identity.device = r.Number();
    step.identity.inode = r.Number();
    plan->mounts.push_back(std::move(step));
  });
  for (bool* const flag : {&plan->seccomp_root_caller, &plan->seccomp_allow_perf, &plan->process_limits.rlimit_nproc,
                           &plan->process_limits.rlimit_data, &plan->process_limits.rlimit_cpu}) {
    *flag = r.Flag();
  }
  if (const auto cpu = r.Maybe()) plan->limits.cpu = std::chrono::milliseconds(*cpu);
  plan->limits.memory = r.Maybe();
  if (const auto processes = r.Maybe()) plan->limits.processes = static_cast<uint32_t>(*processes);
  plan->limits.file_size = r.Maybe();
  r.List([&] { plan->command.push_back(r.Text()); });
  r.List([&] { plan->environment.push_back(r.Text()); });
  plan->cwd = r.Text();
  if (!r.AtEnd() || plan->command.empty()) return absl::InvalidArgumentError("a plan that is cut short");
  inner.plan = std::move(plan);
  return inner;
}

}  // namespace paddock
