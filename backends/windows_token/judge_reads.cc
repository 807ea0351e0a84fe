#include "backends/windows_token/judge_reads.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/windows_plan/outsider.h"

namespace paddock {
namespace {

constexpr char kOwnRights[] = "the dedicated user's own rights";
constexpr char kDenials[] = "entries that deny the dedicated users";

enum class Side : uint8_t { kOutside, kInside, kUnclear };

class ReadJudge {
 public:
  ReadJudge(const Facts& facts, const std::vector<WindowsGrant>& grants, const Places& places)
      : facts_(facts), grants_(grants), places_(places) {}

  ReadJudgement Judge(const PathRule& rule) {
    inside_ = false;
    return rule.glob ? JudgeGlob(rule) : JudgeLiteral(rule);
  }

 private:
  Side SideOf(const std::string& path) const {
    for (const WindowsGrant& grant : grants_) {
      if (MayLieIn(grant.path, path)) return Side::kUnclear;
    }
    for (const WindowsGrant& grant : grants_) {
      if (LiesIn(path, grant.path)) return Side::kInside;
      if (MayLieIn(path, grant.path)) return Side::kUnclear;
    }
    return Side::kOutside;
  }

  OutsiderReads Reads(const std::string& asked, bool denied) const {
    const auto found = facts_.workspace.secrets.find(asked);
    if (found == facts_.workspace.secrets.end()) {
      return {Tri::kUnknown, absl::StrCat("nobody has read the list of access of ", asked)};
    }
    OutsiderReads reads = JudgeOutsider(found->second, facts_.host.windows_host.user_sid, denied);
    if (reads.kept_out != Tri::kYes) reads.why = absl::StrCat(asked, ": ", reads.why);
    return reads;
  }

  // What is there, under one name.
  OutsiderReads JudgeName(const std::string& asked) {
    const std::string path = places_.Located(asked);
    const Side side = SideOf(path);
    if (side == Side::kOutside) return Reads(asked, /*denied=*/false);
    if (side == Side::kUnclear)
      return {Tri::kUnknown, absl::StrCat(asked, " holds a grant, or may have a name in one")};
    inside_ = true;
    const PathFacts* const found = places_.Find(asked);
    if (found == nullptr || (found->type != PathType::kFile && found->type != PathType::kDirectory)) {
      return {Tri::kUnknown, absl::StrCat(asked, " is neither a file nor a directory, or nobody has looked")};
    }
    // An entry is put on the name; through a link it would be on something else.
    if (found->crosses_symlink && !SameWindowsPath(found->real_path, path)) {
      return {Tri::kUnknown, absl::StrCat(asked, " is reached through a link")};
    }
    return Reads(asked, /*denied=*/true);
  }

  static ReadJudgement Open(const OutsiderReads& reads, const char* mechanism) {
    return {reads.kept_out, reads.why, Verdict::kNotEnforced, mechanism, reads.why};
  }

  ReadJudgement JudgeLiteral(const PathRule& rule) {
    const PathFacts* const found = places_.Find(rule.path);
    if (found != nullptr && found->type == PathType::kAbsent && SideOf(places_.Located(rule.path)) == Side::kInside) {
      return {Tri::kYes, "", Verdict::kApproximated, "nothing is there", "what is made there while the run lasts"};
    }
    const OutsiderReads reads = JudgeName(rule.path);
    if (reads.kept_out != Tri::kYes) return Open(reads, inside_ ? kDenials : kOwnRights);
    if (inside_) return {Tri::kYes, "", Verdict::kApproximated, kDenials, "copies, and what takes its place"};
    const auto& access = facts_.workspace.secrets.at(rule.path);
    if (access.above.empty()) return {Tri::kYes, "", Verdict::kEnforced, absl::StrCat(kOwnRights, ", ", reads.why), ""};
    return {Tri::kYes, "", Verdict::kApproximated, absl::StrCat(kOwnRights, ", as inherited from ", access.above),
            "it does not exist; what is made there with another list of access"};
  }

  ReadJudgement JudgeGlob(const PathRule& rule) {
    const auto matches = facts_.workspace.globs.find(rule.path);
    if (matches == facts_.workspace.globs.end() || !facts_.workspace.scan_complete) {
      return Open(
          {Tri::kUnknown, absl::StrCat("the search for what ", rule.text, " matches ",
                                       matches == facts_.workspace.globs.end() ? "was not made" : "was cut short")},
          kOwnRights);
    }
    OutsiderReads worst = {Tri::kYes, ""};
    for (const std::string& match : matches->second) {
      OutsiderReads reads = JudgeName(match);
      if (reads.kept_out == Tri::kNo || (reads.kept_out == Tri::kUnknown && worst.kept_out == Tri::kYes)) {
        worst = std::move(reads);
      }
      if (worst.kept_out == Tri::kNo) break;
    }
    const char* const mechanism = inside_ ? kDenials : kOwnRights;
    if (worst.kept_out != Tri::kYes) return Open(worst, mechanism);
    return {Tri::kYes, "", Verdict::kApproximated, mechanism, "copies, and files that come to match during the run"};
  }

  const Facts& facts_;
  const std::vector<WindowsGrant>& grants_;
  const Places& places_;
  bool inside_ = false;
};

}  // namespace

std::vector<ReadJudgement> JudgeReads(const Request& request, const Facts& facts,
                                      const std::vector<WindowsGrant>& grants, const Places& places) {
  ReadJudge judge(facts, grants, places);
  std::vector<ReadJudgement> judgements;
  for (const PathRule& rule : request.deny_read) judgements.push_back(judge.Judge(rule));
  return judgements;
}

}  // namespace paddock
