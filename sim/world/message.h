#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "sim/kernel/digest.h"
#include "system/domain/check.h"

namespace firedrill::sim {

/// What travels on a connection: one value of any type, moved and never serialised. Small ones are
/// kept inside. A type T that travels has `void fold(Digest&, const T&)` beside it, which folds all
/// that its receiver can see.
class Message {
 public:
  static constexpr std::size_t kInside = 48;  ///< bytes

  Message() = default;

  template <class T>
  static Message of(T value) {
    Message message;
    message.kind_ = &kind_of<T>;
    if constexpr (fits<T>) {
      new (message.memory_) T(std::move(value));
    } else {
      new (message.memory_) T*(new T(std::move(value)));
    }
    return message;
  }

  Message(Message&& other) noexcept { take(other); }
  Message& operator=(Message&& other) noexcept {
    if (this != &other) {
      clear();
      take(other);
    }
    return *this;
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
  ~Message() { clear(); }

  bool empty() const { return kind_ == nullptr; }

  /// The value, or nullptr where it is of another type.
  template <class T>
  T* get() {
    return kind_ == &kind_of<T> ? static_cast<T*>(value()) : nullptr;
  }

  /// The value moved out. Precondition: it is a T.
  template <class T>
  T take() {
    T* held = get<T>();
    check(held != nullptr, "a message is of the type that its receiver expects");
    T out = std::move(*held);
    clear();
    return out;
  }

  void fold_into(Digest& digest) const {
    if (kind_ != nullptr) kind_->fold(digest, value());
  }

 private:
  struct Kind {
    bool inside;
    void (*fold)(Digest&, const void*);
    void (*relocate)(void* to, void* from) noexcept;
    void (*destroy)(void*) noexcept;
  };

  template <class T>
  static constexpr bool fits = sizeof(T) <= kInside && alignof(T) <= alignof(std::max_align_t) &&
                               std::is_nothrow_move_constructible_v<T>;

  template <class T>
  static constexpr Kind kind_of = {
      fits<T>,
      [](Digest& digest, const void* value) { fold(digest, *static_cast<const T*>(value)); },
      [](void* to, void* from) noexcept {
        if constexpr (fits<T>) {
          new (to) T(std::move(*static_cast<T*>(from)));
          static_cast<T*>(from)->~T();
        } else {
          *static_cast<T**>(to) = *static_cast<T**>(from);
        }
      },
      [](void* memory) noexcept {
        if constexpr (fits<T>) {
          static_cast<T*>(memory)->~T();
        } else {
          delete *static_cast<T**>(memory);
        }
      },
  };

  void* value() { return kind_->inside ? memory_ : *reinterpret_cast<void**>(memory_); }
  const void* value() const {
    return kind_->inside ? memory_ : *reinterpret_cast<void* const*>(memory_);
  }

  void take(Message& other) noexcept {
    kind_ = std::exchange(other.kind_, nullptr);
    if (kind_ != nullptr) kind_->relocate(memory_, other.memory_);
  }

  void clear() noexcept {
    if (kind_ != nullptr) std::exchange(kind_, nullptr)->destroy(memory_);
  }

  const Kind* kind_ = nullptr;
  alignas(std::max_align_t) std::byte memory_[kInside];
};

}  // namespace firedrill::sim
