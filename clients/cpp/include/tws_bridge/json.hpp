// A Value as JSON, with exact integers, and back: for logs, configuration and command lines.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <string>
#include <string_view>
#include <variant>

#include "value.hpp"

namespace tws_bridge {

namespace detail {

inline void write_string(std::string& out, std::string_view text) {
    out += '"';
    for (const char one : text) {
        switch (one) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        default:
            if (static_cast<unsigned char>(one) < 0x20) {
                char escaped[8];
                std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(one));
                out += escaped;
            } else {
                out += one;
            }
        }
    }
    out += '"';
}

struct WriteJson {
    std::string& out;

    void operator()(std::monostate) const { out += "null"; }
    void operator()(bool value) const { out += value ? "true" : "false"; }
    void operator()(std::int64_t value) const { out += std::to_string(value); }
    void operator()(std::uint64_t value) const { out += std::to_string(value); }
    void operator()(double value) const {
        if (!std::isfinite(value)) {
            out += value > 0 ? "1e999" : value < 0 ? "-1e999" : "null";
            return;
        }
        char text[32];
        for (int digits = 15; digits <= 17; ++digits) { // the shortest that reads back as the same number
            std::snprintf(text, sizeof text, "%.*g", digits, value);
            if (std::strtod(text, nullptr) == value) break;
        }
        out += text;
        if (std::string_view(text).find_first_of(".e") == std::string_view::npos) out += ".0";
    }
    void operator()(const std::string& text) const { write_string(out, text); }
    void operator()(const Bytes& bytes) const {
        out += "{\"$bytes\":\"";
        for (const auto byte : bytes.data) {
            char hex[4];
            std::snprintf(hex, sizeof hex, "%02x", static_cast<unsigned>(byte));
            out += hex;
        }
        out += "\"}";
    }
    void operator()(const List& list) const {
        char before = '[';
        for (const auto& value : list) {
            out += before;
            value.visit(*this);
            before = ',';
        }
        out += list.empty() ? "[]" : "]";
    }
    void operator()(const Map& map) const {
        char before = '{';
        for (const auto& [key, value] : map) {
            out += before;
            write_string(out, key);
            out += ':';
            value.visit(*this);
            before = ',';
        }
        out += map.empty() ? "{}" : "}";
    }
};

class JsonReader {
  public:
    explicit JsonReader(std::string_view text) : text_(text) {}

    Value document() {
        auto value = any(0);
        blanks();
        if (at_ != text_.size()) fail("the end");
        return value;
    }

  private:
    Value any(int depth) {
        if (depth > 100) fail("fewer levels");
        blanks();
        if (take("null")) return {};
        if (take("true")) return true;
        if (take("false")) return false;
        if (at_ >= text_.size()) fail("a value");
        switch (text_[at_]) {
        case '{': return map(depth);
        case '[': return list(depth);
        case '"': return string();
        default: return number();
        }
    }

    Value map(int depth) {
        Map map;
        ++at_;
        blanks();
        if (take("}")) return map;
        do {
            blanks();
            if (at_ >= text_.size() || text_[at_] != '"') fail("a key");
            auto key = string();
            if (map.contains(key)) fail("each key once");
            blanks();
            if (!take(":")) fail("':'");
            map.set(key, any(depth + 1));
            blanks();
        } while (take(","));
        if (!take("}")) fail("'}'");
        return map;
    }

    Value list(int depth) {
        List list;
        ++at_;
        blanks();
        if (take("]")) return list;
        do {
            list.push_back(any(depth + 1));
            blanks();
        } while (take(","));
        if (!take("]")) fail("']'");
        return list;
    }

    std::string string() {
        std::string out;
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (text_[at_] != '\\') {
                out += text_[at_];
                continue;
            }
            if (++at_ >= text_.size()) break;
            escaped(out);
        }
        if (!take("\"")) fail("'\"'");
        return out;
    }

    void escaped(std::string& out) {
        constexpr std::string_view from = "\"\\/bfnrt";
        constexpr std::string_view to = "\"\\/\b\f\n\r\t";
        const char one = text_[at_];
        if (one == 'u') {
            unsigned code = hex();
            const bool is_high = code >= 0xd800 && code < 0xdc00;
            if (is_high && text_.substr(at_ + 1, 2) == "\\u") {
                at_ += 2;
                const unsigned low = hex();
                if (low < 0xdc00 || low > 0xdfff) fail("the second half of a character");
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            }
            utf8(out, code);
        } else if (const auto place = from.find(one); place != std::string_view::npos) {
            out += to[place];
        } else {
            fail("an escape");
        }
    }

    unsigned hex() {
        const std::string digits(text_.substr(at_ + 1, 4));
        char* end = nullptr;
        const auto code = std::strtoul(digits.c_str(), &end, 16);
        if (digits.size() != 4 || *end != '\0') fail("four hexadecimal digits");
        at_ += 4;
        return static_cast<unsigned>(code);
    }

    static void utf8(std::string& out, unsigned code) {
        const auto byte = [&out](unsigned value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
        if (code < 0x80) {
            byte(code);
        } else if (code < 0x800) {
            byte(0xc0 | code >> 6);
            byte(0x80 | (code & 0x3f));
        } else if (code < 0x10000) {
            byte(0xe0 | code >> 12);
            byte(0x80 | (code >> 6 & 0x3f));
            byte(0x80 | (code & 0x3f));
        } else {
            byte(0xf0 | code >> 18);
            byte(0x80 | (code >> 12 & 0x3f));
            byte(0x80 | (code >> 6 & 0x3f));
            byte(0x80 | (code & 0x3f));
        }
    }

    Value number() {
        const auto end = std::min(text_.find_first_not_of("+-.0123456789eE", at_), text_.size());
        const std::string text(text_.substr(at_, end - at_));
        if (text.empty()) fail("a value");
        at_ = end;
        char* rest = nullptr;
        errno = 0;
        if (text.find_first_of(".eE") == std::string::npos) {
            const auto value = std::strtoll(text.c_str(), &rest, 10);
            if (*rest == '\0' && errno == 0) return static_cast<std::int64_t>(value);
            const bool is_digits = *rest == '\0';
            errno = 0;
            if (text.front() != '-') {
                const auto large = std::strtoull(text.c_str(), &rest, 10);
                if (*rest == '\0' && errno == 0) return static_cast<std::uint64_t>(large);
            }
            if (is_digits) fail("an integer of 64 bits");
        }
        const double value = std::strtod(text.c_str(), &rest);
        if (*rest != '\0') fail("a number");
        return value;
    }

    void blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

    bool take(std::string_view word) {
        if (text_.substr(at_, word.size()) != word) return false;
        at_ += word.size();
        return true;
    }

    [[noreturn]] void fail(const char* expected) const {
        throw ValueError("JSON, at character " + std::to_string(at_) + ": expected " + expected);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace detail

/// The value as JSON on one line. Integers have all their digits; bytes are `{"$bytes": "00ff"}`.
inline std::string to_json(const Value& value) {
    std::string out;
    value.visit(detail::WriteJson{out});
    return out;
}

/// The value of a JSON text. A number without a point or exponent is an integer. Throws ValueError with the place of a
/// mistake: also for an integer of more than 64 bits, and for a map that has a key twice.
inline Value from_json(std::string_view text) { return detail::JsonReader(text).document(); }

inline std::ostream& operator<<(std::ostream& out, const Value& value) { return out << to_json(value); }

} // namespace tws_bridge
