#pragma once

#include <napi.h>

#include <functional>
#include <vector>

#include "core/context.h"

namespace treeline::binding {

/// Prepares a JavaScript environment (main thread or worker_thread) for jobs. Called once, from the
/// module's Init.
void SetUpJobs(Napi::Env env);

/// The work of a job: runs on a runner thread, may throw, must not touch JavaScript.
using Work = std::function<void(const Context& ctx)>;
/// Makes the value the promise resolves to: runs on the JavaScript thread after Work returned.
using Settle = std::function<Napi::Value(Napi::Env env)>;

/// Starts `work` off the JavaScript thread and returns a promise of settle's value. `options` is
/// the seam's JobOptions { nJobs, cancel?, onProgress? }; `keep` are JavaScript values whose memory
/// the work uses. A throw in work or settle rejects with an Error whose `code` names
/// treeline::ErrorCode. `always` (optional) runs on the JavaScript thread before the promise
/// settles, whatever happened, and also if the job could not be started (then StartJob throws).
/// When the environment ends in mid-job neither settle nor always runs.
Napi::Value StartJob(Napi::Env env, Napi::Value options, const std::vector<Napi::Value>& keep,
                     Work work, Settle settle, const std::function<void(Napi::Env)>& always = {});

/// Runs `work` now, on the JavaScript thread (and n_jobs - 1 workers). Throws JavaScript errors.
void RunSync(Napi::Env env, int n_jobs, const Work& work);

/// Calls `body` and turns a native exception into a JavaScript one with its `code`.
Napi::Value Guarded(Napi::Env env, const std::function<Napi::Value()>& body);

/// Registers createCancelToken and cancel.
void ExportJobs(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
