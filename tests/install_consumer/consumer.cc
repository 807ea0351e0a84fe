// A program outside the tree: what an agent's author writes against the installed package. Reads the facts of a host
// from the file that its argument names, and prints the decision for a coding command there.
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "backends/linux_landlock/backend.h"
#include "core/base/json.h"
#include "core/host/facts.h"
#include "core/request/request.h"
#include "core/rubric/rubric.h"

namespace {

absl::Status Explain(const char* facts_file) {
  std::ifstream file(facts_file);
  std::stringstream text;
  text << file.rdbuf();
  absl::StatusOr<paddock::Json> json = paddock::ParseJson(text.str(), facts_file);
  if (!json.ok()) return json.status();
  absl::StatusOr<paddock::Facts> facts = paddock::FactsFromJson(*json, facts_file);
  if (!facts.ok()) return facts.status();

  paddock::Request request;
  request.workspace = "/home/dev/project";
  request.cwd = request.workspace;
  request.command = {"make"};

  std::unique_ptr<paddock::Backend> backend = paddock::MakeLinuxLandlockBackend();
  const paddock::Decision decision = paddock::Evaluate({backend.get()}, request, *facts);
  std::fputs(paddock::DumpJson(paddock::ToJson(decision)).c_str(), stdout);
  return decision.ranked.empty() ? absl::NotFoundError("no backend is ranked") : absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const absl::Status status = Explain(argv[1]);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
