#ifndef PADDOCK_CORE_BASE_STATUS_MACROS_H_
#define PADDOCK_CORE_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// The only macros of the code base: they return early from a function whose result is absl::Status or absl::StatusOr.

#define PADDOCK_CONCAT_INNER_(a, b) a##b
#define PADDOCK_CONCAT_(a, b) PADDOCK_CONCAT_INNER_(a, b)

// Returns the status of `expr` if it is not OK.
#define RETURN_IF_ERROR(expr)                                                              \
  do {                                                                                     \
    if (absl::Status paddock_status = (expr); !paddock_status.ok()) return paddock_status; \
  } while (false)

// Evaluates `expr`, a StatusOr; returns its status on error, else moves its value into `lhs`, which may be a
// declaration.
#define ASSIGN_OR_RETURN(lhs, expr) ASSIGN_OR_RETURN_IMPL_(PADDOCK_CONCAT_(paddock_or_, __LINE__), lhs, expr)
#define ASSIGN_OR_RETURN_IMPL_(var, lhs, expr)   \
  auto var = (expr);                             \
  if (!var.ok()) return std::move(var).status(); \
  lhs = *std::move(var)

#endif  // PADDOCK_CORE_BASE_STATUS_MACROS_H_
