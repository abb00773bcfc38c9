// A value of the wire: what msgpack has, as a tree that owns its parts. No sockets.
#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace tws_bridge {

class Value;
struct Member;

/// A value has another type than the program expects.
class ValueError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The bytes of a msgpack bin.
struct Bytes {
    std::vector<std::uint8_t> data;
    friend bool operator==(const Bytes& a, const Bytes& b) { return a.data == b.data; }
};

/// A msgpack array: `List{1, "two", Map{}}`.
class List {
  public:
    List();
    List(std::initializer_list<Value> values);

    void push_back(Value value);
    void reserve(std::size_t count);
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] bool empty() const noexcept;
    /// The element at `place`; throws ValueError where the list is shorter.
    [[nodiscard]] const Value& at(std::size_t place) const;
    [[nodiscard]] std::vector<Value>::const_iterator begin() const noexcept;
    [[nodiscard]] std::vector<Value>::const_iterator end() const noexcept;
    friend bool operator==(const List& a, const List& b);

  private:
    std::vector<Value> values_;
};

/// A msgpack map with string keys, in the order in which they were put in:
/// `Map{{"conId", 265598}, {"exchange", "SMART"}}`.
class Map {
  public:
    Map();
    Map(std::initializer_list<Member> members);

    /// The value of `key`; nil where the map does not have it.
    [[nodiscard]] const Value& operator[](std::string_view key) const noexcept;
    /// Set the value of `key`, whether the map has it or not.
    Map& set(std::string_view key, Value value);
    /// Add a key that the map does not have yet. It does not look.
    void append(std::string key, Value value);
    void reserve(std::size_t count);
    [[nodiscard]] bool contains(std::string_view key) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] bool empty() const noexcept;
    [[nodiscard]] std::vector<Member>::const_iterator begin() const noexcept;
    [[nodiscard]] std::vector<Member>::const_iterator end() const noexcept;
    /// Take the members out of a map that is not needed any more.
    [[nodiscard]] std::vector<Member> take() && noexcept;
    /// Whether both have the same keys with the same values, in any order.
    friend bool operator==(const Map& a, const Map& b);

  private:
    std::vector<Member> members_;
};

/// nil, a boolean, an integer of 64 bits, a float, a string, bytes, a list or a map.
///
/// Read it with `value["order"]["lmtPrice"].as<double>()`, or `value_or(0.0)` where the field may be absent. A field
/// that is absent is nil, so a path of absent fields is nil, too. Integers are never turned into floats on the way:
/// `ts` keeps all its digits.
class Value {
  public:
    Value() noexcept = default;
    Value(std::nullptr_t) noexcept {}
    template <class T, std::enable_if_t<std::is_same_v<T, bool>, int> = 0>
    Value(T value) noexcept : data_(value) {}
    template <class T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>, int> = 0>
    Value(T value) noexcept {
        if constexpr (std::is_signed_v<T>) {
            data_ = static_cast<std::int64_t>(value);
        } else if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
            data_ = static_cast<std::int64_t>(value);
        } else {
            data_ = static_cast<std::uint64_t>(value);
        }
    }
    template <class T, std::enable_if_t<std::is_floating_point_v<T>, int> = 0>
    Value(T value) noexcept : data_(static_cast<double>(value)) {}
    Value(const char* text) : data_(std::string(text)) {}
    Value(std::string_view text) : data_(std::string(text)) {}
    Value(std::string text) noexcept : data_(std::move(text)) {}
    Value(Bytes bytes) noexcept : data_(std::move(bytes)) {}
    Value(List list) noexcept : data_(std::move(list)) {}
    Value(Map map) noexcept : data_(std::move(map)) {}
    template <class T> Value(const std::optional<T>& value) {
        if (value) *this = Value(*value);
    }

    [[nodiscard]] bool is_nil() const noexcept { return std::holds_alternative<std::monostate>(data_); }
    [[nodiscard]] bool is_map() const noexcept { return std::holds_alternative<Map>(data_); }
    [[nodiscard]] bool is_list() const noexcept { return std::holds_alternative<List>(data_); }
    [[nodiscard]] bool is_string() const noexcept { return std::holds_alternative<std::string>(data_); }
    [[nodiscard]] bool is_bool() const noexcept { return std::holds_alternative<bool>(data_); }
    [[nodiscard]] bool is_float() const noexcept { return std::holds_alternative<double>(data_); }
    [[nodiscard]] bool is_integer() const noexcept {
        return std::holds_alternative<std::int64_t>(data_) || std::holds_alternative<std::uint64_t>(data_);
    }

    /// The field `key`; nil where this is no map or does not have it.
    [[nodiscard]] const Value& operator[](std::string_view key) const noexcept {
        const auto* map = std::get_if<Map>(&data_);
        return map == nullptr ? nil() : (*map)[key];
    }
    /// The element at `place`; throws ValueError where this is no list or a shorter one.
    [[nodiscard]] const Value& at(std::size_t place) const { return list().at(place); }

    /// The map; throws ValueError where this is none.
    [[nodiscard]] const Map& map() const { return get<Map>("a map"); }
    /// The list; throws ValueError where this is none.
    [[nodiscard]] const List& list() const { return get<List>("a list"); }
    /// The text; throws ValueError where this is none.
    [[nodiscard]] const std::string& text() const { return get<std::string>("a string"); }

    /// Take the map out of a value that is not needed any more; throws ValueError where this is none.
    [[nodiscard]] Map take_map() && {
        static_cast<void>(map());
        return std::move(std::get<Map>(data_));
    }

    /// The value as a T: bool, an integer type, double, std::string, std::string_view, Bytes, List, Map, or any type
    /// that can be made `explicit`ly of a std::string (such as Decimal).
    ///
    /// An integer may be read as a double, and a double without a fraction as an integer. Throws ValueError where the
    /// value has another type or does not fit.
    template <class T> [[nodiscard]] T as() const {
        if constexpr (std::is_same_v<T, Value>) {
            return *this;
        } else if constexpr (std::is_same_v<T, bool>) {
            return get<bool>("a boolean");
        } else if constexpr (std::is_integral_v<T>) {
            return integer<T>();
        } else if constexpr (std::is_floating_point_v<T>) {
            return static_cast<T>(number());
        } else if constexpr (std::is_same_v<T, Map>) {
            return map();
        } else if constexpr (std::is_same_v<T, List>) {
            return list();
        } else if constexpr (std::is_same_v<T, Bytes>) {
            return get<Bytes>("bytes");
        } else {
            return T(text());
        }
    }

    /// As `as`, and `other` where the value is absent. A value of another type is an error all the same.
    template <class T> [[nodiscard]] T value_or(T other) const { return is_nil() ? std::move(other) : as<T>(); }
    [[nodiscard]] std::string value_or(const char* other) const { return is_nil() ? std::string(other) : text(); }

    /// As `as`, and nothing where the value is absent.
    template <class T> [[nodiscard]] std::optional<T> maybe() const {
        return is_nil() ? std::nullopt : std::optional<T>(as<T>());
    }

    /// Call `visitor` with what the value is: monostate, bool, int64_t, uint64_t (above the range of int64_t only),
    /// double, std::string, Bytes, List or Map.
    template <class Visitor> decltype(auto) visit(Visitor&& visitor) const {
        return std::visit(std::forward<Visitor>(visitor), data_);
    }

    /// What the value is, for people.
    [[nodiscard]] const char* type_name() const noexcept {
        constexpr const char* names[] = {"nil",   "a boolean", "an integer", "an integer", "a float", "a string",
                                         "bytes", "a list",    "a map"};
        return names[data_.index()];
    }

    friend bool operator==(const Value& a, const Value& b) { return a.data_ == b.data_; }
    friend bool operator!=(const Value& a, const Value& b) { return !(a == b); }

    /// The value that stands for everything that is absent.
    static const Value& nil() noexcept {
        static const Value value;
        return value;
    }

  private:
    template <class T> const T& get(const char* expected) const {
        const auto* found = std::get_if<T>(&data_);
        if (found == nullptr) throw wrong(expected);
        return *found;
    }

    [[nodiscard]] ValueError wrong(const char* expected) const {
        return ValueError(std::string("expected ") + expected + ", got " + type_name());
    }

    [[nodiscard]] double number() const {
        if (const auto* found = std::get_if<double>(&data_)) return *found;
        if (const auto* found = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*found);
        if (const auto* found = std::get_if<std::uint64_t>(&data_)) return static_cast<double>(*found);
        throw wrong("a number");
    }

    template <class T> [[nodiscard]] T integer() const {
        if (const auto* found = std::get_if<std::int64_t>(&data_)) return narrow<T>(*found);
        if (const auto* found = std::get_if<std::uint64_t>(&data_)) return narrow<T>(*found);
        const auto* found = std::get_if<double>(&data_);
        constexpr double exact = 9007199254740992.0; // 2^53
        if (found == nullptr || std::trunc(*found) != *found || std::abs(*found) > exact) throw wrong("an integer");
        return narrow<T>(static_cast<std::int64_t>(*found));
    }

    template <class T, class Wide> static T narrow(Wide wide) {
        const auto narrowed = static_cast<T>(wide);
        if (static_cast<Wide>(narrowed) != wide || (narrowed < T{}) != (wide < Wide{})) {
            throw ValueError("the integer " + std::to_string(wide) + " does not fit into " + std::to_string(sizeof(T)) +
                             " bytes");
        }
        return narrowed;
    }

    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Bytes, List, Map> data_;
};

/// One key of a Map with its value.
struct Member {
    std::string key;
    Value value;
};

inline List::List() = default;
inline List::List(std::initializer_list<Value> values) : values_(values) {}
inline void List::push_back(Value value) { values_.push_back(std::move(value)); }
inline void List::reserve(std::size_t count) { values_.reserve(count); }
inline std::size_t List::size() const noexcept { return values_.size(); }
inline bool List::empty() const noexcept { return values_.empty(); }
inline const Value& List::at(std::size_t place) const {
    if (place >= values_.size()) {
        throw ValueError("a list of " + std::to_string(values_.size()) + " has no element " + std::to_string(place));
    }
    return values_[place];
}
inline std::vector<Value>::const_iterator List::begin() const noexcept { return values_.begin(); }
inline std::vector<Value>::const_iterator List::end() const noexcept { return values_.end(); }
inline bool operator==(const List& a, const List& b) { return a.values_ == b.values_; }

inline Map::Map() = default;
inline Map::Map(std::initializer_list<Member> members) : members_(members) {}
inline const Value& Map::operator[](std::string_view key) const noexcept {
    for (const auto& member : members_) {
        if (member.key == key) return member.value;
    }
    return Value::nil();
}
inline Map& Map::set(std::string_view key, Value value) {
    for (auto& member : members_) {
        if (member.key == key) {
            member.value = std::move(value);
            return *this;
        }
    }
    append(std::string(key), std::move(value));
    return *this;
}
inline void Map::append(std::string key, Value value) {
    members_.push_back(Member{std::move(key), std::move(value)});
}
inline void Map::reserve(std::size_t count) { members_.reserve(count); }
inline bool Map::contains(std::string_view key) const noexcept {
    for (const auto& member : members_) {
        if (member.key == key) return true;
    }
    return false;
}
inline std::size_t Map::size() const noexcept { return members_.size(); }
inline bool Map::empty() const noexcept { return members_.empty(); }
inline std::vector<Member>::const_iterator Map::begin() const noexcept { return members_.begin(); }
inline std::vector<Member>::const_iterator Map::end() const noexcept { return members_.end(); }
inline std::vector<Member> Map::take() && noexcept { return std::move(members_); }
inline bool operator==(const Map& a, const Map& b) {
    if (a.size() != b.size()) return false;
    for (const auto& member : a) {
        if (!b.contains(member.key) || b[member.key] != member.value) return false;
    }
    return true;
}

} // namespace tws_bridge
