#ifndef PADDOCK_CORE_POLICY_DOCUMENT_H_
#define PADDOCK_CORE_POLICY_DOCUMENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/policy/spec.h"

// A policy file as a tree, whichever syntax it was written in. Internal to core/policy.

namespace paddock {

enum class NodeKind : uint8_t { kString, kInteger, kBoolean, kArray, kTable, kOther };

struct DocumentMember;

struct DocumentNode {
  NodeKind kind = NodeKind::kTable;
  int line = 0;      // 1-based; of the key for a table's member, of the value for an array's element
  std::string text;  // kString; for kOther what it is ("a float", "a date", "null")
  int64_t integer = 0;
  bool boolean = false;
  std::vector<DocumentNode> items;
  std::vector<DocumentMember> members;  // as written; no name twice
};

struct DocumentMember {
  std::string first;  // the key
  DocumentNode second;
};

// Deeper nesting than any key of the schema needs is refused before it can cost anything.
inline constexpr int kMaxDocumentDepth = 8;

// Errors: "file:line: what is wrong", without a reason code.
absl::StatusOr<DocumentNode> ParseTomlDocument(absl::string_view text, absl::string_view file);
absl::StatusOr<DocumentNode> ParseJsonDocument(absl::string_view text, absl::string_view file);

// The tree through the schema. Errors: "file:line: key: what was found; what would be right".
absl::StatusOr<PolicySpec> ReadSpec(const DocumentNode& root, absl::string_view file);

}  // namespace paddock

#endif  // PADDOCK_CORE_POLICY_DOCUMENT_H_
