#ifndef PADDOCK_CLI_RENDER_JSON_H_
#define PADDOCK_CLI_RENDER_JSON_H_

#include <string>

#include "core/base/json.h"

namespace paddock::cli {

// A readable listing of any JSON: one key a line, what belongs together indented, short lists on one line. For eyes
// only: programs ask for --json.
std::string RenderJson(const Json& json, bool color);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_RENDER_JSON_H_
