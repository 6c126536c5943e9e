#include "binding/job.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "binding/arguments.h"
#include "binding/handle.h"
#include "core/error.h"

namespace treeline::binding {

namespace {

constexpr std::chrono::milliseconds kProgressInterval{20};

struct Environment;

/// The half of a job that its runner thread touches. Shared by the runner and the JavaScript
/// thread.
struct JobState final : Progress {
  JobState(Environment* owner, int jobs, std::shared_ptr<CancelToken> token, Work body)
      : environment(owner), n_jobs(jobs), cancel(std::move(token)), work(std::move(body)) {}

  Environment* const environment;  // valid until `left`
  const int n_jobs;
  const std::shared_ptr<CancelToken> cancel;
  bool wants_progress = false;
  Work work;
  std::exception_ptr error;          // of the runner until `worked`
  std::atomic<bool> claimed{false};  // by the runner, or by CleanUp before the runner came

  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  bool worked = false;  // the work has ended; `error` may be read
  bool left = false;    // the runner touches neither environment nor work any more
  bool fresh = false;   // a report JavaScript has not seen
  bool called = false;  // a call to the JavaScript thread is on its way to see it
  std::int64_t done = 0, total = 0;
  double score = 0;
  std::chrono::steady_clock::time_point last_call{};

  void Report(std::int64_t done_now, std::int64_t total_now, double score_now) override;
  void Run() noexcept;
  bool HasLeft() {
    std::lock_guard<std::mutex> lock(mutex);
    return left;
  }
  void WaitUntilLeft() {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return left; });
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

/// One per JavaScript environment (main thread, worker_thread): its jobs and the way back to its
/// thread. All of it belongs to the JavaScript thread; runners only use `back`.
struct Environment {
  napi_threadsafe_function back = nullptr;
  std::unordered_map<const JobState*, Job> jobs;
  // Settled, but the runner may still be returning from its last call: CleanUp waits for these too.
  std::vector<std::shared_ptr<JobState>> leaving;

  /// From a runner: has OnJavaScriptThread called with `state`, soon. Allocates nothing of ours, so
  /// it cannot fail half-way, and nothing is lost when the environment ends first.
  void Call(JobState* state) noexcept {
    napi_call_threadsafe_function(back, state, napi_tsfn_nonblocking);
  }

  void Deliver(Napi::Env env, const JobState* state);
  void DeliverProgress(Napi::Env env, Job& job);
  void Finish(Napi::Env env, Job job);
  void Add(Napi::Env env, Job job);
  Job Remove(Napi::Env env, const JobState* state);
};

/// `state` is a key, not yet an object: a job that has ended meanwhile is not found.
void Environment::Deliver(Napi::Env env, const JobState* state) {
  auto found = jobs.find(state);
  if (found == jobs.end()) return;
  bool worked = false;
  {
    std::lock_guard<std::mutex> lock(found->second.state->mutex);
    worked = found->second.state->worked;
  }
  if (worked) {
    Finish(env, Remove(env, state));
  } else {
    DeliverProgress(env, found->second);
  }
}

void Environment::DeliverProgress(Napi::Env env, Job& job) {
  JobState& state = *job.state;
  std::int64_t done = 0, total = 0;
  double score = 0;
  {
    std::lock_guard<std::mutex> lock(state.mutex);
    state.called = false;
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
    // src/native/job.ts catches what a user's callback throws; this is the second net.
    state.cancel->Cancel();
  }
}

void Environment::Finish(Napi::Env env, Job job) {
  DeliverProgress(env, job);
  if (job.always) job.always(env);
  try {
    const Napi::Value value = Guarded(env, [&]() -> Napi::Value {
      if (job.state->error) std::rethrow_exception(job.state->error);
      return job.settle(env);
    });
    job.deferred.Resolve(value);
  } catch (const Napi::Error& error) {
    job.deferred.Reject(error.Value());
  }
}

/// A running job keeps the event loop alive.
void Environment::Add(Napi::Env env, Job job) {
  if (jobs.empty()) napi_ref_threadsafe_function(env, back);
  const JobState* const key = job.state.get();
  jobs.emplace(key, std::move(job));
}

Job Environment::Remove(Napi::Env env, const JobState* state) {
  auto found = jobs.find(state);
  Job job = std::move(found->second);
  jobs.erase(found);
  if (jobs.empty()) napi_unref_threadsafe_function(env, back);
  std::erase_if(leaving, [](const auto& other) { return other->HasLeft(); });
  leaving.push_back(job.state);
  return job;
}

void OnJavaScriptThread(napi_env env, napi_value, void* context, void* data) {
  if (env == nullptr) return;  // the environment is ending: CleanUp has seen to its jobs
  try {
    static_cast<Environment*>(context)->Deliver(env, static_cast<const JobState*>(data));
  } catch (const Napi::Error&) {  // NOLINT(bugprone-empty-catch)
    // JavaScript cannot run any more (worker.terminate()): there is nobody left to tell.
  }
}

void JobState::Report(std::int64_t done_now, std::int64_t total_now, double score_now) {
  if (!wants_progress) return;
  const auto now = std::chrono::steady_clock::now();
  {
    std::lock_guard<std::mutex> lock(mutex);
    done = done_now;
    total = total_now;
    score = score_now;
    fresh = true;
    if (called || now - last_call < kProgressInterval) return;
    called = true;
    last_call = now;
  }
  environment->Call(this);
}

void JobState::Run() noexcept {
  if (claimed.exchange(true)) return;
  LocalReducer reducer;
  try {
    const Context ctx{ThreadPool::Shared(), n_jobs, *cancel, *this, reducer};
    ctx.cancel.ThrowIfCancelled();
    work(ctx);
  } catch (...) {
    error = std::current_exception();
  }
  work = nullptr;
  {
    std::lock_guard<std::mutex> lock(mutex);
    worked = true;
  }
  environment->Call(this);
  std::lock_guard<std::mutex> lock(mutex);
  left = true;
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
/// their threads. Jobs whose turn has not come are taken back instead.
void CleanUp(Environment* environment) {
  for (auto& [key, job] : environment->jobs) job.state->cancel->Cancel();
  for (auto& [key, job] : environment->jobs) {
    if (job.state->claimed.exchange(true)) job.state->WaitUntilLeft();
  }
  for (const std::shared_ptr<JobState>& state : environment->leaving) state->WaitUntilLeft();
  environment->jobs.clear();
}

std::shared_ptr<CancelToken> CancelTokenOf(Napi::Object options) {
  const Napi::Value cancel = options.Get("cancel");
  return cancel.IsExternal() ? Unwrap<CancelToken>(cancel, HandleKind::kCancelToken, "cancel token")
                             : std::make_shared<CancelToken>();
}

int NJobsOf(Napi::Object options) {
  const std::int64_t n_jobs = IntegerProperty(options, "nJobs");
  if (n_jobs < 1) throw Error(ErrorCode::kInvalidArgument, "nJobs must be at least 1");
  return static_cast<int>(std::min<std::int64_t>(n_jobs, std::numeric_limits<int>::max()));
}

void Start(Napi::Env env, Environment& environment, Job job) {
  auto state = job.state;
  environment.Add(env, std::move(job));
  try {
    ThreadPool::Shared().StartRunner([state] { state->Run(); });
  } catch (const std::system_error& error) {
    state->left = true;
    environment.Remove(env, state.get());
    throw Error(ErrorCode::kNative, std::string("cannot start a thread: ") + error.what());
  }
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
  env.SetInstanceData<Environment>(environment);
  const Napi::String name = Napi::String::New(env, "treeline");
  if (napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr,
                                      environment, OnJavaScriptThread,
                                      &environment->back) != napi_ok) {
    throw Napi::Error::New(env, "cannot create a thread-safe function");
  }
  napi_unref_threadsafe_function(env, environment->back);
  // Added after the thread-safe function's own hook, so it runs before it (last in, first out).
  env.AddCleanupHook([](Environment* data) { CleanUp(data); }, environment);
}

Napi::Value StartJob(Napi::Env env, Napi::Value options, const std::vector<Napi::Value>& keep,
                     Work work, Settle settle, const std::function<void(Napi::Env)>& always) {
  try {
    return Guarded(env, [&]() -> Napi::Value {
      Environment& environment = *env.GetInstanceData<Environment>();
      const Napi::Object object = options.As<Napi::Object>();
      auto state = std::make_shared<JobState>(&environment, NJobsOf(object), CancelTokenOf(object),
                                              std::move(work));
      Job job{state, Napi::Promise::Deferred::New(env), std::move(settle), always, {}, {}};
      const Napi::Value on_progress = object.Get("onProgress");
      if (on_progress.IsFunction()) {
        job.on_progress = Napi::Persistent(on_progress.As<Napi::Function>());
        state->wants_progress = true;
      }
      for (const Napi::Value& value : keep) {
        job.keep.push_back(Napi::Reference<Napi::Value>::New(value, 1));
      }
      const Napi::Promise promise = job.deferred.Promise();
      Start(env, environment, std::move(job));
      return promise;
    });
  } catch (...) {
    if (always) always(env);
    throw;
  }
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
