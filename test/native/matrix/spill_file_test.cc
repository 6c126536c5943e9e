#include "matrix/spill_file.h"

#include <dirent.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "test_context.h"

using namespace treeline;

namespace {

/// A directory of its own, removed at the end.
struct Directory {
  std::string path = "/tmp/treeline-test-XXXXXX";
  Directory() { REQUIRE(mkdtemp(path.data()) != nullptr); }
  ~Directory() { rmdir(path.c_str()); }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    DIR* const entries = opendir(path.c_str());
    while (const dirent* const entry = readdir(entries)) {
      if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    }
    closedir(entries);
    return names;
  }
};

std::vector<double> Counted(std::size_t n, double first) {
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = first + static_cast<double>(i);
  return values;
}

}  // namespace

TEST_CASE("a spill file gives back what was appended, read and mapped, on any thread") {
  const Directory directory;
  SpillFile file(directory.path);
  CHECK(directory.Names().empty());  // it has no name to be left behind
  const std::size_t sizes[] = {0, 1, 7, 8, 511, 512, 513, 100'000};
  std::vector<std::int64_t> offsets;
  for (const std::size_t n : sizes) {
    const std::vector<double> values = Counted(n, static_cast<double>(n));
    offsets.push_back(file.Append<double>(values));
    CHECK(offsets.back() % SpillFile::kAlignment == 0);
  }
  TestContext context(3);
  std::vector<int> equal(std::size(sizes), 0);
  context.ctx.ParallelFor(std::size(sizes), [&](std::int64_t i, int) {
    const std::vector<double> expected = Counted(sizes[i], static_cast<double>(sizes[i]));
    std::vector<double> read(sizes[i]);
    file.Read<double>(offsets[i], read);
    const SpillView view = file.Map(offsets[i], static_cast<std::int64_t>(8 * sizes[i]));
    const auto mapped = view.as<double>();
    const bool aligned = reinterpret_cast<std::uintptr_t>(view.data()) % 64 == 0;
    equal[i] = read == expected && aligned &&
               std::vector<double>(mapped.begin(), mapped.end()) == expected;
  });
  for (const int is_equal : equal) CHECK(is_equal == 1);
}

TEST_CASE("a view outlives its file, and a moved view unmaps once") {
  SpillView kept;
  {
    SpillFile file("");
    const std::vector<double> values = Counted(1000, 0);
    file.Append<double>(values);
    SpillView view = file.Map(800, 800);
    kept = std::move(view);
  }
  CHECK(kept.as<double>()[0] == 100);
  CHECK(kept.as<double>()[99] == 199);
}

TEST_CASE("bytes that were never written are refused") {
  SpillFile file("");
  const std::vector<double> values = Counted(10, 0);
  file.Append<double>(values);
  std::vector<double> out(11);
  CHECK_THROWS_AS(file.Read<double>(0, out), Error);
  CHECK_THROWS_AS(file.Map(8, 80), Error);
  CHECK_THROWS_AS(file.Map(-64, 8), Error);
}

TEST_CASE("a directory that is not there is an error that names it and the setting") {
  try {
    SpillFile file("/no/such/directory");
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kIo);
    CHECK(std::string(error.what()).find("/no/such/directory") != std::string::npos);
    CHECK(std::string(error.what()).find("spillDirectory") != std::string::npos);
  }
}

TEST_CASE("a full disk is an error, not a signal, and what was written before can be read") {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1 << 20, 1 << 20};
    setrlimit(RLIMIT_FSIZE, &limit);
    int status = 1;
    SpillFile file("");
    const std::vector<double> half = Counted(1 << 16, 0);  // 512 KiB
    file.Append<double>(half);
    try {
      const std::vector<double> more = Counted(1 << 17, 0);
      file.Append<double>(more);
    } catch (const Error& error) {
      std::vector<double> read(half.size());
      file.Read<double>(0, read);
      const bool clear = std::strstr(error.what(), "spill file in ") != nullptr;
      status = error.code() == ErrorCode::kIo && clear && read == half ? 0 : 2;
    }
    _exit(status);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a killed process leaves no file") {
  const Directory directory;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    SpillFile file(directory.path);
    const std::vector<double> values = Counted(1000, 0);
    file.Append<double>(values);
    kill(getpid(), SIGKILL);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(directory.Names().empty());
}
