#include "binding/job.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "binding/handle.h"
#include "core/error.h"

namespace treeline::binding {

namespace {

constexpr std::chrono::milliseconds kProgressInterval{20};

struct Environment;

/// The half of a job that its runner thread touches.
struct JobState final : Progress {
  Environment* environment = nullptr;  // alive until `finished`
  std::uint64_t id = 0;
  int n_jobs = 1;
  std::shared_ptr<CancelToken> cancel;
  Work work;
  std::exception_ptr error;
  bool wants_progress = false;

  std::mutex mutex;
  std::condition_variable changed;
  bool finished =
      false;  // guarded by mutex: the runner will touch nothing of the environment any more
  bool fresh = false;  // guarded by mutex: a report JavaScript has not seen
  std::int64_t done = 0, total = 0;
  double score = 0;
  std::chrono::steady_clock::time_point last_call{};

  void Report(std::int64_t done_now, std::int64_t total_now, double score_now) override;
  void Run() noexcept;
  void WaitUntilFinished() {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return finished; });
  }
};

/// The half that lives on the JavaScript thread.
struct Job {
  std::shared_ptr<JobState> state;
  Napi::Promise::Deferred deferred;
  Settle settle;
  std::function<void(Napi::Env)> always;
  std::vector<Napi::Reference<Napi::Value>> keep;
  Napi::FunctionReference on_progress;
};

/// One per JavaScript environment: its running jobs and the way back to its thread.
struct Environment {
  Napi::ThreadSafeFunction
      back;  // no JavaScript function behind it: it carries callbacks to the thread
  std::unordered_map<std::uint64_t, Job> jobs;
  std::uint64_t next_id = 1;

  void DeliverProgress(Napi::Env env, Job& job) {
    JobState& state = *job.state;
    std::int64_t done = 0, total = 0;
    double score = 0;
    {
      std::lock_guard<std::mutex> lock(state.mutex);
      if (!state.fresh) return;
      state.fresh = false;
      done = state.done;
      total = state.total;
      score = state.score;
    }
    if (job.on_progress.IsEmpty()) return;
    try {
      job.on_progress.Call({Napi::Number::New(env, static_cast<double>(done)),
                            Napi::Number::New(env, static_cast<double>(total)),
                            Napi::Number::New(env, score)});
    } catch (const Napi::Error&) {
      state.cancel->Cancel();  // src/native/job.ts catches what a user's callback throws; this is
                               // the second net
    }
  }

  void Finish(Napi::Env env, std::uint64_t id) {
    auto found = jobs.find(id);
    if (found == jobs.end()) return;
    Job job = std::move(found->second);
    jobs.erase(found);
    if (jobs.empty()) back.Unref(env);
    DeliverProgress(env, job);
    if (job.always) job.always(env);
    try {
      if (job.state->error) std::rethrow_exception(job.state->error);
      job.deferred.Resolve(job.settle(env));
    } catch (const Napi::Error& error) {
      job.deferred.Reject(error.Value());
    } catch (...) {
      const std::exception_ptr error = std::current_exception();
      try {
        Guarded(env, [&]() -> Napi::Value { std::rethrow_exception(error); });
      } catch (const Napi::Error& converted) {
        job.deferred.Reject(converted.Value());
      }
    }
  }
};

void JobState::Report(std::int64_t done_now, std::int64_t total_now, double score_now) {
  if (!wants_progress) return;
  const auto now = std::chrono::steady_clock::now();
  {
    std::lock_guard<std::mutex> lock(mutex);
    done = done_now;
    total = total_now;
    score = score_now;
    fresh = true;
    if (now - last_call < kProgressInterval) return;
    last_call = now;
  }
  environment->back.NonBlockingCall(
      [environment = environment, id = id](Napi::Env env, Napi::Function) {
        if (static_cast<napi_env>(env) == nullptr) return;
        auto found = environment->jobs.find(id);
        if (found != environment->jobs.end()) environment->DeliverProgress(env, found->second);
      });
}

void JobState::Run() noexcept {
  LocalReducer reducer;
  try {
    const Context ctx{ThreadPool::Shared(), n_jobs, *cancel, *this, reducer};
    ctx.cancel.ThrowIfCancelled();
    work(ctx);
  } catch (...) {
    error = std::current_exception();
  }
  work = nullptr;
  environment->back.NonBlockingCall(
      [environment = environment, id = id](Napi::Env env, Napi::Function) {
        if (static_cast<napi_env>(env) == nullptr) return;
        Napi::HandleScope scope(env);
        environment->Finish(env, id);
      });
  // Notify under the lock: a waiter may free this state as soon as it holds the lock.
  std::lock_guard<std::mutex> lock(mutex);
  finished = true;
  changed.notify_all();
}

const char* CodeName(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kInvalidArgument: return "ERR_INVALID_ARGUMENT";
    case ErrorCode::kInvalidData: return "ERR_INVALID_DATA";
    case ErrorCode::kMemoryLimit: return "ERR_MEMORY_LIMIT";
    case ErrorCode::kIo: return "ERR_IO";
    case ErrorCode::kAborted: return "ABORT_ERR";
    case ErrorCode::kNative: return "ERR_NATIVE";
  }
  return "ERR_NATIVE";
}

[[noreturn]] void ThrowCoded(Napi::Env env, ErrorCode code, const char* message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, CodeName(code)));
  throw error;
}

/// Runs when an environment ends (worker.terminate(), natural exit): stops its jobs and waits for
/// their threads.
void CleanUp(Environment* environment) {
  for (auto& [id, job] : environment->jobs) job.state->cancel->Cancel();
  for (auto& [id, job] : environment->jobs) job.state->WaitUntilFinished();
  environment->jobs.clear();
}

}  // namespace

Napi::Value Guarded(Napi::Env env, const std::function<Napi::Value()>& body) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (const Error& error) {
    ThrowCoded(env, error.code(), error.what());
  } catch (const std::bad_alloc&) {
    ThrowCoded(env, ErrorCode::kMemoryLimit, "out of memory");
  } catch (const std::exception& error) {
    ThrowCoded(env, ErrorCode::kNative, error.what());
  }
}

void SetUpJobs(Napi::Env env) {
  auto* environment = new Environment();
  environment->back = Napi::ThreadSafeFunction::New(env, Napi::Function(), "treeline", 0, 1);
  environment->back.Unref(env);
  env.SetInstanceData<Environment>(environment);
  // Added after the thread-safe function's own hook, so it runs before it (last in, first out).
  env.AddCleanupHook([](Environment* data) { CleanUp(data); }, environment);
}

Napi::Value StartJob(Napi::Env env, Napi::Value options, const std::vector<Napi::Value>& keep,
                     Work work, Settle settle, std::function<void(Napi::Env)> always) {
  Environment& environment = *env.GetInstanceData<Environment>();
  const Napi::Object object = options.As<Napi::Object>();
  auto state = std::make_shared<JobState>();
  state->environment = &environment;
  state->id = environment.next_id++;
  state->n_jobs = object.Get("nJobs").As<Napi::Number>().Int32Value();
  const Napi::Value cancel = object.Get("cancel");
  state->cancel = cancel.IsExternal()
                      ? Unwrap<CancelToken>(cancel, HandleKind::kCancelToken, "cancel token")
                      : std::make_shared<CancelToken>();
  state->work = std::move(work);
  Job job{state, Napi::Promise::Deferred::New(env), std::move(settle), std::move(always), {}, {}};
  const Napi::Value on_progress = object.Get("onProgress");
  if (on_progress.IsFunction()) {
    job.on_progress = Napi::Persistent(on_progress.As<Napi::Function>());
    state->wants_progress = true;
  }
  for (const Napi::Value& value : keep)
    job.keep.push_back(Napi::Reference<Napi::Value>::New(value, 1));
  const Napi::Promise promise = job.deferred.Promise();
  if (environment.jobs.empty()) environment.back.Ref(env);
  environment.jobs.emplace(state->id, std::move(job));
  ThreadPool::Shared().StartRunner([state] { state->Run(); });
  return promise;
}

void RunSync(Napi::Env env, int n_jobs, const Work& work) {
  CancelToken cancel;
  NoProgress progress;
  LocalReducer reducer;
  const Context ctx{ThreadPool::Shared(), n_jobs, cancel, progress, reducer};
  Guarded(env, [&]() -> Napi::Value {
    work(ctx);
    return env.Undefined();
  });
}

void ExportJobs(Napi::Env env, Napi::Object exports) {
  exports.Set("createCancelToken", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                return WrapHandle(info.Env(), HandleKind::kCancelToken,
                                  std::make_shared<CancelToken>(), 0);
              }));
  exports.Set("cancel", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                Unwrap<CancelToken>(info[0], HandleKind::kCancelToken, "cancel token")->Cancel();
              }));
}

}  // namespace treeline::binding
