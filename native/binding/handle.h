#pragma once

#include <napi.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "core/error.h"

namespace treeline::binding {

/// The kinds of native objects JavaScript may hold. Each has its own tag: the wrong handle throws,
/// it never crashes.
enum class HandleKind : std::uint64_t {
  kCancelToken = 1,
  kBlock,
  kSink,
  kBlockMap,
  kBoostingModel,
  kPass,
  kBooster,
  kSparseRows
};

inline napi_type_tag TagOf(HandleKind kind) noexcept {
  return {0x7472'6565'6c69'6e65ULL, static_cast<std::uint64_t>(kind)};
}

/// What an External points to. `busy` is set while a job writes to the object.
template <typename T>
struct Holder {
  std::shared_ptr<T> object;
  Napi::Reference<Napi::Value> keeps;  // JavaScript memory the object borrows, if any
  std::int64_t reported_bytes = 0;
  std::atomic<bool> busy{false};
};

/// Gives `object` to JavaScript; the garbage collector learns that it holds `bytes` outside its
/// heap.
template <typename T>
Napi::Value WrapHandle(Napi::Env env, HandleKind kind, std::shared_ptr<T> object, std::size_t bytes,
                       Napi::Value keeps = Napi::Value()) {
  auto owner = std::make_unique<Holder<T>>();
  Holder<T>* const holder = owner.get();
  holder->object = std::move(object);
  holder->reported_bytes = static_cast<std::int64_t>(bytes);
  if (!keeps.IsEmpty()) holder->keeps = Napi::Reference<Napi::Value>::New(keeps, 1);
  auto external =
      Napi::External<Holder<T>>::New(env, holder, [](Napi::Env finalizer_env, Holder<T>* h) {
        Napi::MemoryManagement::AdjustExternalMemory(finalizer_env, -h->reported_bytes);
        delete h;
      });
  owner.release();  // NOLINT(bugprone-unused-return-value): the external's finalizer has it now
  Napi::MemoryManagement::AdjustExternalMemory(env, holder->reported_bytes);
  const napi_type_tag tag = TagOf(kind);
  if (napi_type_tag_object(env, external, &tag) != napi_ok) {
    throw Napi::Error::New(env, "cannot tag a handle");
  }
  return external;
}

/// Tells the garbage collector that the object behind a handle grew or shrank.
template <typename T>
void ReportBytes(Napi::Env env, Holder<T>& holder, std::size_t bytes) {
  const auto now = static_cast<std::int64_t>(bytes);
  Napi::MemoryManagement::AdjustExternalMemory(env, now - holder.reported_bytes);
  holder.reported_bytes = now;
}

/// The holder behind `value`; throws a TypeError naming `what` if it is not a handle of this kind.
template <typename T>
Holder<T>& HolderOf(Napi::Value value, HandleKind kind, const char* what) {
  bool matches = false;
  const napi_type_tag tag = TagOf(kind);
  if (!value.IsExternal() ||
      napi_check_object_type_tag(value.Env(), value, &tag, &matches) != napi_ok || !matches) {
    throw Napi::TypeError::New(value.Env(), std::string("expected a ") + what + " handle");
  }
  return *value.As<Napi::External<Holder<T>>>().Data();
}

/// The object behind `value`, as HolderOf; throws too while a job writes to it.
template <typename T>
std::shared_ptr<T> Unwrap(Napi::Value value, HandleKind kind, const char* what) {
  Holder<T>& holder = HolderOf<T>(value, kind, what);
  if (holder.busy) {
    throw Napi::Error::New(value.Env(), std::string("the ") + what + " is in use by a running job");
  }
  return holder.object;
}

/// The object behind a handle as the class derived from the handle's base that a function needs.
template <typename Derived, typename Base>
std::shared_ptr<Derived> UnwrapAs(Napi::Value value, HandleKind kind, const char* what) {
  auto derived = std::dynamic_pointer_cast<Derived>(Unwrap<Base>(value, kind, what));
  if (!derived)
    throw Napi::TypeError::New(value.Env(), std::string("expected a ") + what + " handle");
  return derived;
}

}  // namespace treeline::binding
