#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <vector>

#include "tests/unit/access/samples.h"

namespace {

thread_local size_t allocations = 0;

}  // namespace

void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace paddock::access {
namespace {

TEST(Allocation, NeitherCheckNorMaximumAllocates) {
  Random random(1);
  std::vector<SecurityDescriptor> descriptors;
  std::vector<Token> tokens;
  for (int i = 0; i < 500; ++i) {
    descriptors.push_back(RandomDescriptor(random, false));
    tokens.push_back(RandomToken(random));
  }
  const size_t before = allocations;
  uint32_t sum = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    sum += Check(tokens[i], descriptors[i], RandomMask(random), MappingOf(ObjectType::kFile)).mask;
    sum += MaximumAllowed(tokens[i], descriptors[i], MappingOf(ObjectType::kFile)).granted;
  }
  EXPECT_EQ(allocations, before);
  EXPECT_NE(sum, 0u);
  const SecurityDescriptor copy = descriptors[0];  // the control: the counter counts
  descriptors.push_back(copy);
  EXPECT_GT(allocations, before);
}

}  // namespace
}  // namespace paddock::access
