#include "core/windows_launch/job.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/windows_launch/launch_error.h"

namespace paddock {
namespace {

struct UiLimit {
  absl::string_view name;
  DWORD limit;
};
constexpr UiLimit kUiLimits[] = {
    {"handles", JOB_OBJECT_UILIMIT_HANDLES},
    {"readclipboard", JOB_OBJECT_UILIMIT_READCLIPBOARD},
    {"writeclipboard", JOB_OBJECT_UILIMIT_WRITECLIPBOARD},
    {"systemparameters", JOB_OBJECT_UILIMIT_SYSTEMPARAMETERS},
    {"displaysettings", JOB_OBJECT_UILIMIT_DISPLAYSETTINGS},
    {"globalatoms", JOB_OBJECT_UILIMIT_GLOBALATOMS},
    {"desktop", JOB_OBJECT_UILIMIT_DESKTOP},
    {"exitwindows", JOB_OBJECT_UILIMIT_EXITWINDOWS},
};

// What would let a process leave the job or outlive it; never set here, and looked for in what is read back.
constexpr DWORD kBreakaway = JOB_OBJECT_LIMIT_BREAKAWAY_OK | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;

absl::StatusOr<DWORD> UiLimitsOf(const JobSpec& spec) {
  DWORD limits = 0;
  for (const std::string& name : spec.ui_limits) {
    DWORD found = 0;
    for (const UiLimit& row : kUiLimits) {
      if (row.name == name) found = row.limit;
    }
    if (found == 0) return absl::InvalidArgumentError(absl::StrCat("the plan names the UI limit ", name));
    limits |= found;
  }
  return limits;
}

JOBOBJECT_EXTENDED_LIMIT_INFORMATION LimitsOf(const JobSpec& spec) {
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {};
  JOBOBJECT_BASIC_LIMIT_INFORMATION& basic = limits.BasicLimitInformation;
  if (spec.kill_on_close) basic.LimitFlags |= JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  if (spec.die_on_unhandled_exception) basic.LimitFlags |= JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
  if (spec.processes.has_value()) {
    basic.LimitFlags |= JOB_OBJECT_LIMIT_ACTIVE_PROCESS;
    basic.ActiveProcessLimit = static_cast<DWORD>(*spec.processes);
  }
  if (spec.memory.has_value()) {
    basic.LimitFlags |= JOB_OBJECT_LIMIT_JOB_MEMORY;
    limits.JobMemoryLimit = static_cast<SIZE_T>(*spec.memory);
  }
  if (spec.cpu.has_value()) {
    basic.LimitFlags |= JOB_OBJECT_LIMIT_JOB_TIME;
    basic.PerJobUserTimeLimit.QuadPart = spec.cpu->count() * 10'000;  // of 100 ns
  }
  return limits;
}

Json RecordOf(const JobSpec& spec) {
  Json json = {{"kill_on_close", spec.kill_on_close},
               {"die_on_unhandled_exception", spec.die_on_unhandled_exception},
               {"ui_limits", spec.ui_limits}};
  if (spec.processes.has_value()) json["processes"] = *spec.processes;
  if (spec.memory.has_value()) json["memory_bytes"] = *spec.memory;
  if (spec.cpu.has_value()) json["cpu_ms"] = spec.cpu->count();
  return json;
}

// Process identifiers of the job, as many as it says there are.
std::vector<DWORD> ProcessesOf(HANDLE job) {
  constexpr size_t kMost = 8192;
  std::vector<ULONG_PTR> buffer(2 + kMost);
  const auto size = static_cast<DWORD>(buffer.size() * sizeof(ULONG_PTR));
  if (!QueryInformationJobObject(job, JobObjectBasicProcessIdList, buffer.data(), size, nullptr)) return {};
  const auto* const list = reinterpret_cast<const JOBOBJECT_BASIC_PROCESS_ID_LIST*>(buffer.data());
  std::vector<DWORD> ids;
  for (DWORD i = 0; i < list->NumberOfProcessIdsInList; ++i) ids.push_back(static_cast<DWORD>(list->ProcessIdList[i]));
  return ids;
}

std::chrono::nanoseconds Ticks(const LARGE_INTEGER& ticks) { return std::chrono::nanoseconds(ticks.QuadPart * 100); }

}  // namespace

absl::StatusOr<UniqueHandle> MakeJob(const JobSpec& spec, HANDLE port, ULONG_PTR key, LaunchRecorder& recorder) {
  ASSIGN_OR_RETURN(const DWORD ui, UiLimitsOf(spec));
  recorder.OnCall("CreateJobObject", RecordOf(spec));
  UniqueHandle job(CreateJobObjectW(nullptr, nullptr));
  if (!job.valid()) return StepFailed("CreateJobObject");
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = LimitsOf(spec);
  if (!SetInformationJobObject(job.get(), JobObjectExtendedLimitInformation, &limits, sizeof(limits))) {
    return StepFailed("setting the limits of the job");
  }
  JOBOBJECT_BASIC_UI_RESTRICTIONS restrictions = {ui};
  if (ui != 0 &&
      !SetInformationJobObject(job.get(), JobObjectBasicUIRestrictions, &restrictions, sizeof(restrictions))) {
    return StepFailed("setting the UI limits of the job");
  }
  JOBOBJECT_ASSOCIATE_COMPLETION_PORT association = {reinterpret_cast<void*>(key), port};
  if (!SetInformationJobObject(job.get(), JobObjectAssociateCompletionPortInformation, &association,
                               sizeof(association))) {
    return StepFailed("asking for the messages of the job");
  }
  return job;
}

absl::Status ReadBackJob(HANDLE job, const JobSpec& spec) {
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION found = {};
  JOBOBJECT_BASIC_UI_RESTRICTIONS restrictions = {};
  if (!QueryInformationJobObject(job, JobObjectExtendedLimitInformation, &found, sizeof(found), nullptr) ||
      !QueryInformationJobObject(job, JobObjectBasicUIRestrictions, &restrictions, sizeof(restrictions), nullptr)) {
    return StepRefused("readback_failed", "reading the limits of the job", GetLastError());
  }
  const JOBOBJECT_EXTENDED_LIMIT_INFORMATION wanted = LimitsOf(spec);
  const JOBOBJECT_BASIC_LIMIT_INFORMATION& have = found.BasicLimitInformation;
  const JOBOBJECT_BASIC_LIMIT_INFORMATION& want = wanted.BasicLimitInformation;
  const DWORD flags = have.LimitFlags;
  if ((flags & want.LimitFlags) != want.LimitFlags || (flags & kBreakaway) != 0) {
    return ReadBackFailed(absl::StrCat("the job was given the limit flags 0x", absl::Hex(want.LimitFlags),
                                       " and says it has 0x", absl::Hex(flags)));
  }
  if ((spec.processes.has_value() && have.ActiveProcessLimit != want.ActiveProcessLimit) ||
      (spec.memory.has_value() && found.JobMemoryLimit > wanted.JobMemoryLimit) ||
      (spec.cpu.has_value() && have.PerJobUserTimeLimit.QuadPart > want.PerJobUserTimeLimit.QuadPart)) {
    return ReadBackFailed("the job's limits on processes, memory or time are not those that were set");
  }
  ASSIGN_OR_RETURN(const DWORD ui, UiLimitsOf(spec));
  if ((restrictions.UIRestrictionsClass & ui) == ui) return absl::OkStatus();
  return ReadBackFailed(absl::StrCat("the job was given the UI limits 0x", absl::Hex(ui), " and says it has 0x",
                                     absl::Hex(restrictions.UIRestrictionsClass)));
}

absl::Status ReadBackMembership(HANDLE process, HANDLE job) {
  BOOL inside = FALSE;
  if (IsProcessInJob(process, job, &inside) && inside) return absl::OkStatus();
  return ReadBackFailed("the command's process says that it is not in its job");
}

void EndJob(HANDLE job) {
  // A process that was being started when the others were ended is ended in the next round.
  for (std::vector<DWORD> ids = ProcessesOf(job); !ids.empty(); ids = ProcessesOf(job)) {
    std::vector<UniqueHandle> processes;
    for (const DWORD id : ids) processes.emplace_back(OpenProcess(SYNCHRONIZE, FALSE, id));
    TerminateJobObject(job, 1);
    for (const UniqueHandle& process : processes) {
      if (process.valid()) WaitForSingleObject(process.get(), INFINITE);
    }
  }
}

Usage UsageOfJob(HANDLE job) {
  Usage usage;
  JOBOBJECT_BASIC_ACCOUNTING_INFORMATION times = {};
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION peaks = {};
  if (QueryInformationJobObject(job, JobObjectBasicAccountingInformation, &times, sizeof(times), nullptr)) {
    usage.user_cpu = Ticks(times.TotalUserTime);
    usage.system_cpu = Ticks(times.TotalKernelTime);
  }
  if (QueryInformationJobObject(job, JobObjectExtendedLimitInformation, &peaks, sizeof(peaks), nullptr)) {
    usage.max_resident = peaks.PeakProcessMemoryUsed;
  }
  return usage;
}

}  // namespace paddock
