#ifndef PADDOCK_CLI_RENDER_DOCTOR_H_
#define PADDOCK_CLI_RENDER_DOCTOR_H_

#include <string>

#include "core/doctor/doctor.h"

namespace paddock::cli {

// What `paddock doctor` prints: a paragraph for each finding, its remedies on lines of their own, then what the host
// reaches now and how many findings there are.
std::string RenderDiagnosis(const Diagnosis& diagnosis, bool color);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_RENDER_DOCTOR_H_
