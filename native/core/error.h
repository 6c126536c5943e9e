#pragma once

#include <stdexcept>
#include <string>

namespace treeline {

/// What went wrong, in the words the TypeScript side knows (src/base/errors.ts).
enum class ErrorCode { kInvalidArgument, kInvalidData, kMemoryLimit, kIo, kAborted, kNative };

/// The one exception type thrown on purpose in native code. Crosses threads in ThreadPool and
/// becomes a TreelineError in binding/.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace treeline
