#ifndef PADDOCK_TESTS_UNIT_AUDIT_JUDGE_FIXTURE_H_
#define PADDOCK_TESTS_UNIT_AUDIT_JUDGE_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "core/audit/judge.h"

namespace paddock::audit {

// A workspace without a weak spot, /ws of uid 1000, under the plan of the coding profile: what a test changes is all
// that there is to find.
class JudgeTest : public testing::Test {
 protected:
  JudgeTest() {
    request_.workspace = "/ws";
    request_.write = {{"/ws", false, ".", {}}};
    facts_.host.linux_host.uid = kCaller;
    facts_.workspace.root = {PathType::kDirectory, 1, 2, kCaller, 0755, "/ws", false, {}};
    facts_.workspace.location = WorkspaceLocation::kLocal;
    facts_.workspace.filesystem = "ext4";
    view_.planned = true;
    view_.backend = "linux_landlock:namespaces";
    view_.landlock_abi = 9;
    view_.steps = {{"/home/dev", Sight::kOverlay},
                   {"/run", Sight::kPrivate},
                   {"/tmp", Sight::kPrivate},
                   {"/ws", Sight::kWritable},
                   {"/ws/.env", Sight::kMasked},
                   {"/ws/.git/hooks", Sight::kReadOnly},
                   {"/ws/.git/config", Sight::kReadOnly},
                   {"/ws/.git/commondir", Sight::kReadOnly}};
    seen_.trees = {PlaceAt({Directory("/", 0755, 0), Directory("/ws", 0755, kCaller)})};
  }

  static constexpr int64_t kCaller = 1000, kSomebody = 1001;

  static Node MakeNode(std::string path, PathType type, uint32_t mode, int64_t owner) {
    Node node;
    node.path = std::move(path);
    node.type = type;
    node.mode = mode;
    node.owner = owner;
    node.group = owner;
    node.device = 1;
    node.inode = 77;
    return node;
  }
  static Node Directory(std::string path, uint32_t mode, int64_t owner = kCaller) {
    return MakeNode(std::move(path), PathType::kDirectory, mode, owner);
  }
  static Node File(std::string path, uint32_t mode = 0644, int64_t owner = kCaller) {
    return MakeNode(std::move(path), PathType::kFile, mode, owner);
  }
  // A place whose way is `chain`.
  static Place PlaceAt(std::vector<Node> chain) {
    Place place;
    place.path = place.real_path = chain.back().path;
    place.chain = std::move(chain);
    return place;
  }

  std::vector<Finding> All() const { return Judge({request_, facts_, view_, seen_, refusal_}); }
  std::optional<Finding> Find(absl::string_view id) const {
    for (Finding& finding : All()) {
      if (finding.kind->id == id) return std::move(finding);
    }
    return std::nullopt;
  }
  // "high: /a, /b"; empty: no such finding.
  std::string Shown(absl::string_view id) const {
    const std::optional<Finding> finding = Find(id);
    if (!finding.has_value()) return "";
    std::string text(Name(finding->severity));
    for (const FindingPath& path : finding->paths) text += (&path == &finding->paths.front() ? ": " : ", ") + path.path;
    return text;
  }

  Request request_;
  Facts facts_;
  View view_;
  Observations seen_;
  std::optional<Reason> refusal_;
};

}  // namespace paddock::audit

#endif  // PADDOCK_TESTS_UNIT_AUDIT_JUDGE_FIXTURE_H_
