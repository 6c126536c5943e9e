#include "core/cancel_token.h"

#include <doctest/doctest.h>

using treeline::CancelToken;
using treeline::Error;
using treeline::ErrorCode;

TEST_CASE("a cancel token throws kAborted once it is cancelled, and stays cancelled") {
  CancelToken token;
  CHECK(!token.cancelled());
  CHECK_NOTHROW(token.ThrowIfCancelled());
  token.Cancel();
  token.Cancel();
  CHECK(token.cancelled());
  try {
    token.ThrowIfCancelled();
    FAIL("did not throw");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kAborted);
  }
}
