package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes, written plainly (36700160) or with a unit (35MiB).
// In JSON it is the plain number.
type Size int64

const (
	KiB Size = 1 << 10
	MiB Size = 1 << 20
	GiB Size = 1 << 30
)

var errSize = errors.New("is not a size; write bytes, or a unit such as 256KiB or 35MiB")

// units are tried in this order: "35MiB" ends in a B as well.
func sizeUnits() []sizeUnit {
	return []sizeUnit{
		{"gib", GiB}, {"mib", MiB}, {"kib", KiB},
		{"gb", 1e9}, {"mb", 1e6}, {"kb", 1e3},
		{"b", 1},
	}
}

type sizeUnit struct {
	name  string
	bytes Size
}

// UnmarshalText reads bytes, KiB, MiB and GiB (powers of 1024), kB, MB and GB
// (powers of 1000). A bare "35M" is an error: servers differ on what it means.
func (s *Size) UnmarshalText(text []byte) error {
	rest, unit := strings.ToLower(string(text)), Size(1)
	for _, u := range sizeUnits() {
		if number, found := strings.CutSuffix(rest, u.name); found {
			rest, unit = strings.TrimRight(number, " "), u.bytes
			break
		}
	}
	count, err := strconv.ParseUint(rest, 10, 63)
	if err != nil || Size(count) > math.MaxInt64/unit {
		return errSize
	}
	*s = Size(count) * unit
	return nil
}

// String writes the largest power of 1024 that divides s: 35MiB, 1000B as 1000.
func (s Size) String() string {
	for _, u := range sizeUnits()[:3] {
		if s >= u.bytes && s%u.bytes == 0 {
			name := strings.ToUpper(u.name[:1]) + "iB"
			return strconv.FormatInt(int64(s/u.bytes), 10) + name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}
