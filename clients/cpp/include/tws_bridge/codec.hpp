// A Value as msgpack, and back.
#pragma once

#ifndef MSGPACK_NO_BOOST
#define MSGPACK_NO_BOOST
#endif
#include <msgpack.hpp>

#include <cstdint>
#include <cstring>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include "value.hpp"

namespace tws_bridge {

/// Bytes that are no msgpack as the contract has it.
class CodecError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

namespace detail {

using Packer = msgpack::packer<msgpack::sbuffer>;

inline std::uint32_t length(std::size_t size) {
    if (size > std::numeric_limits<std::uint32_t>::max()) throw CodecError("a value is too long for msgpack");
    return static_cast<std::uint32_t>(size);
}

struct Pack {
    msgpack::sbuffer& buffer;
    Packer& packer;

    void operator()(std::monostate) const { packer.pack_nil(); }
    void operator()(bool value) const { value ? packer.pack_true() : packer.pack_false(); }
    void operator()(std::int64_t value) const { packer.pack_int64(value); }
    void operator()(std::uint64_t value) const { packer.pack_uint64(value); }
    /// Always a float: `pack_double` makes an integer of a float without a fraction.
    void operator()(double value) const {
        std::uint64_t bits = 0;
        static_assert(sizeof bits == sizeof value);
        std::memcpy(&bits, &value, sizeof bits);
        char bytes[9] = {'\xcb'};
        for (int i = 8; i > 0; --i, bits >>= 8) bytes[i] = static_cast<char>(static_cast<unsigned char>(bits & 0xff));
        buffer.write(bytes, sizeof bytes);
    }
    void operator()(const std::string& text) const {
        packer.pack_str(length(text.size()));
        packer.pack_str_body(text.data(), length(text.size()));
    }
    void operator()(const Bytes& bytes) const {
        packer.pack_bin(length(bytes.data.size()));
        const std::string body(bytes.data.begin(), bytes.data.end());
        packer.pack_bin_body(body.data(), length(body.size()));
    }
    void operator()(const List& list) const {
        packer.pack_array(length(list.size()));
        for (const auto& value : list) value.visit(*this);
    }
    void operator()(const Map& map) const {
        packer.pack_map(length(map.size()));
        for (const auto& [key, value] : map) {
            (*this)(key);
            value.visit(*this);
        }
    }
};

inline Value from_object(const msgpack::object& object) {
    switch (object.type) {
    case msgpack::type::NIL: return {};
    case msgpack::type::BOOLEAN: return object.via.boolean;
    case msgpack::type::POSITIVE_INTEGER: return object.via.u64;
    case msgpack::type::NEGATIVE_INTEGER: return object.via.i64;
    case msgpack::type::FLOAT32:
    case msgpack::type::FLOAT64: return object.via.f64;
    case msgpack::type::STR: return std::string(object.via.str.ptr, object.via.str.size);
    case msgpack::type::BIN: {
        const std::string_view body(object.via.bin.ptr, object.via.bin.size);
        return Bytes{{body.begin(), body.end()}};
    }
    case msgpack::type::ARRAY: {
        List list;
        list.reserve(object.via.array.size);
        for (std::uint32_t i = 0; i < object.via.array.size; ++i) list.push_back(from_object(object.via.array.ptr[i]));
        return list;
    }
    case msgpack::type::MAP: {
        Map map;
        map.reserve(object.via.map.size);
        for (std::uint32_t i = 0; i < object.via.map.size; ++i) {
            const auto& pair = object.via.map.ptr[i];
            if (pair.key.type != msgpack::type::STR) throw CodecError("a map has a key that is no string");
            map.append(std::string(pair.key.via.str.ptr, pair.key.via.str.size), from_object(pair.val));
        }
        return map;
    }
    case msgpack::type::EXT: break;
    }
    throw CodecError("a value has a type that the contract does not have");
}

} // namespace detail

namespace detail {

/// Whether the text is UTF-8 as Unicode has it: no byte too many or too few, no surrogate, nothing above U+10FFFF.
inline bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto first = static_cast<unsigned char>(text[at]);
        const std::size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
        if (length == 0 || at + length > text.size()) return false;
        for (std::size_t i = 1; i < length; ++i) {
            if ((static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) return false;
        }
        const auto second = static_cast<unsigned char>(length > 1 ? text[at + 1] : '\0');
        const bool is_wrong = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                              (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
        if (is_wrong) return false;
        at += length;
    }
    return true;
}

/// Throws ValueError, which begins with the path of the field, for what the wire does not have.
struct Check {
    std::string path;

    template <class T> void operator()(const T&) const {}
    void operator()(const std::string& text) const {
        if (!is_utf8(text)) throw ValueError(path + ": the text is not UTF-8");
    }
    void operator()(const List& list) const {
        std::size_t place = 0;
        for (const auto& value : list) value.visit(Check{below(std::to_string(place++))});
    }
    void operator()(const Map& map) const {
        std::set<std::string_view> keys;
        for (const auto& [key, value] : map) {
            if (!is_utf8(key)) throw ValueError(below("?") + ": the key is not UTF-8");
            if (!keys.insert(key).second) throw ValueError(below(key) + ": the map has this key twice");
            value.visit(Check{below(key)});
        }
    }
    [[nodiscard]] std::string below(const std::string& name) const { return path.empty() ? name : path + "." + name; }
};

} // namespace detail

/// The value as msgpack. Throws ValueError for a text that is not UTF-8, and for a map that has a key twice.
inline std::string encode(const Value& value) {
    value.visit(detail::Check{});
    msgpack::sbuffer buffer;
    detail::Packer packer(buffer);
    value.visit(detail::Pack{buffer, packer});
    return std::string(buffer.data(), buffer.size());
}

/// The value of these bytes. Throws CodecError where they are no msgpack, or more than one value.
inline Value decode(std::string_view bytes) {
    constexpr std::uint32_t deepest = 100;
    constexpr std::uint32_t most = 0xffffffff;
    try {
        std::size_t end = 0;
        const auto handle = msgpack::unpack(bytes.data(), bytes.size(), end, nullptr, nullptr,
                                            msgpack::unpack_limit(most, most, most, most, most, deepest));
        if (end != bytes.size()) throw CodecError("there are bytes behind the msgpack");
        return detail::from_object(handle.get());
    } catch (const msgpack::unpack_error& error) {
        throw CodecError(std::string("this is no msgpack: ") + error.what());
    }
}

} // namespace tws_bridge
