package config

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Duration is a span of time, written with the units w, d, h, m, s and ms:
// 30d, 12h, 1d12h. A day is 24 hours. The zero value is no time at all, "0".
type Duration time.Duration

const (
	Second = Duration(time.Second)
	Minute = Duration(time.Minute)
	Hour   = Duration(time.Hour)
	Day    = 24 * Hour
	Week   = 7 * Day
)

var errDuration = errors.New("is not a duration; write for example 30s, 5m, 12h or 30d")

// Std returns d as the standard library's type.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// UnmarshalText reads the form that String writes. A number without a unit is
// an error, because "30" means days to one reader and seconds to the next.
func (d *Duration) UnmarshalText(text []byte) error {
	s := strings.ToLower(strings.ReplaceAll(string(text), " ", ""))
	if s == "0" {
		*d = 0
		return nil
	}
	if s == "" {
		return errDuration
	}
	var sum Duration
	for s != "" {
		digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
		unit, width := leadingUnit(s[digits:])
		count, err := strconv.ParseInt(s[:digits], 10, 64)
		if err != nil || unit == 0 || count > int64((maxDuration-sum)/unit) {
			return errDuration
		}
		sum += Duration(count) * unit
		s = s[digits+width:]
	}
	*d = sum
	return nil
}

const maxDuration = Duration(1<<63 - 1)

// leadingUnit returns the unit that s starts with and the width of its name,
// or 0 if it starts with none.
func leadingUnit(s string) (Duration, int) {
	if strings.HasPrefix(s, "ms") {
		return Duration(time.Millisecond), 2
	}
	if s == "" {
		return 0, 0
	}
	switch s[0] {
	case 'w':
		return Week, 1
	case 'd':
		return Day, 1
	case 'h':
		return Hour, 1
	case 'm':
		return Minute, 1
	case 's':
		return Second, 1
	}
	return 0, 0
}

// MarshalText makes JSON and YAML show a duration as String does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String writes the whole units of d, largest first: 30d, 1d12h, 1m30s.
func (d Duration) String() string {
	if d == 0 {
		return "0"
	}
	var out strings.Builder
	for _, unit := range []struct {
		size Duration
		name string
	}{{Day, "d"}, {Hour, "h"}, {Minute, "m"}, {Second, "s"}, {Duration(time.Millisecond), "ms"}} {
		if count := d / unit.size; count > 0 {
			out.WriteString(strconv.FormatInt(int64(count), 10) + unit.name)
			d %= unit.size
		}
	}
	return out.String()
}
