#include "service/order.h"

#include <utility>

#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock::service {
namespace {

// Fields of the order and of RunSettings that mean the same; empty: the option was not given.
struct TextField {
  const std::string& (v1::Order::*get)() const;
  void (*set)(v1::Order* order, const std::string& value);
  std::optional<std::string> RunSettings::*field;
};
#define PADDOCK_TEXT(name, field)                                                                       \
  {                                                                                                     \
    &v1::Order::name, [](v1::Order* o, const std::string& v) { o->set_##name(v); }, &RunSettings::field \
  }
const TextField kTexts[] = {
    PADDOCK_TEXT(workspace, workspace),
    PADDOCK_TEXT(cwd, cwd),
    PADDOCK_TEXT(policy_file, policy),
    PADDOCK_TEXT(policy_json, policy_text),
    PADDOCK_TEXT(profile, profile),
    PADDOCK_TEXT(workload, workload),
    PADDOCK_TEXT(command_os, command_os),
    PADDOCK_TEXT(backend, backend),
    PADDOCK_TEXT(prefer, prefer),
    PADDOCK_TEXT(wsl_distribution, wsl_distribution),
    PADDOCK_TEXT(net, net),
    PADDOCK_TEXT(wall, wall),
    PADDOCK_TEXT(memory, memory),
    PADDOCK_TEXT(processes, processes),
    PADDOCK_TEXT(output, output),
};
#undef PADDOCK_TEXT

using Texts = google::protobuf::RepeatedPtrField<std::string>;
struct ListField {
  const Texts& (v1::Order::*get)() const;
  Texts* (v1::Order::*change)();
  std::vector<std::string> RunSettings::*field;
};
const ListField kLists[] = {
    {&v1::Order::rw, &v1::Order::mutable_rw, &RunSettings::rw},
    {&v1::Order::ro, &v1::Order::mutable_ro, &RunSettings::ro},
    {&v1::Order::hide, &v1::Order::mutable_hide, &RunSettings::hide},
    {&v1::Order::env, &v1::Order::mutable_env, &RunSettings::env},
    {&v1::Order::require, &v1::Order::mutable_require, &RunSettings::require},
};

std::vector<std::string> Copied(const Texts& texts) { return {texts.begin(), texts.end()}; }

}  // namespace

absl::StatusOr<Start> StartOf(const v1::Order& order) {
  Start start;
  for (const TextField& text : kTexts) {
    const std::string& value = (order.*text.get)();
    if (!value.empty()) start.settings.*text.field = value;
  }
  for (const ListField& list : kLists) start.settings.*list.field = Copied((order.*list.get)());
  start.settings.strict = order.strict();
  start.command = Copied(order.command());
  start.cwd = order.caller().cwd();
  start.environment = Copied(order.caller().environment());
  return start;
}

absl::StatusOr<Start> StartOf(const v1::Start& message) {
  ASSIGN_OR_RETURN(Start start, StartOf(message.order()));
  start.in = message.stdin();
  start.report = !message.no_report();
  if (!message.has_tty()) return start;
  const uint32_t columns = message.tty().columns(), rows = message.tty().rows();
  if (columns < 1 || rows < 1 || columns > UINT16_MAX || rows > UINT16_MAX) {
    return ReasonError(absl::StatusCode::kInvalidArgument, "service_protocol",
                       "start.tty: a window has 1 to 65535 columns and rows");
  }
  start.tty = Terminal{static_cast<uint16_t>(columns), static_cast<uint16_t>(rows)};
  return start;
}

v1::Order OrderOf(const RunSettings& settings, const std::vector<std::string>& command) {
  v1::Order order;
  for (const TextField& text : kTexts) {
    const std::optional<std::string>& value = settings.*text.field;
    if (value.has_value()) text.set(&order, *value);
  }
  for (const ListField& list : kLists) {
    for (const std::string& value : settings.*list.field) (order.*list.change)()->Add(std::string(value));
  }
  order.set_strict(settings.strict);
  for (const std::string& argument : command) order.add_command(argument);
  return order;
}

}  // namespace paddock::service
