package message

import (
	"strconv"
	"strings"
	"time"
)

// parseDate reads a date: RFC 5322 §3.3 and its obsolete forms (§4.3), and what else is seen in mail: ISO 8601,
// ctime, Go's and Java's default formats, zone names, comments, missing seconds or weekdays, two-digit years.
// ok is false if there is no full date in it.
func parseDate(text string) (t time.Time, ok bool) {
	const longest = 200 // bytes that are looked at
	r := dateReader{s: cutString(text, longest), sep: ' '}
	r.run()
	return r.result()
}

// dateReader collects the numbers and words of a date, whatever their order.
type dateReader struct {
	s   string
	pos int

	numbers    []dateNumber // that are not part of the time of day
	month      time.Month   // from its name
	monthFirst bool         // no number was before it
	sep        byte         // what separates the numbers: '/', '.', '-' or ' '

	timed         bool
	hour, minutes int
	second, nanos int
	pm, am        bool

	zoned  bool
	offset int // seconds east of Greenwich
	named  bool
}

type dateNumber struct{ value, digits int }

func (r *dateReader) run() {
	for r.pos < len(r.s) {
		switch c := r.s[r.pos]; {
		case c >= '0' && c <= '9':
			r.number()
		case isLetter(c):
			r.word()
		case c == '(':
			r.comment()
		case (c == '+' || c == '-') && r.timed && r.digitAt(r.pos+1):
			r.zone()
		default:
			if c == '/' || c == '.' || c == '-' {
				r.sep = c
			}
			r.pos++
		}
	}
}

func (r *dateReader) digitAt(i int) bool { return i < len(r.s) && r.s[i] >= '0' && r.s[i] <= '9' }

// digits reads up to max digits; a number that is longer gives value -1.
func (r *dateReader) digits(max int) (value, n int) {
	start := r.pos
	for r.digitAt(r.pos) {
		r.pos++
	}
	n = r.pos - start
	if n > max {
		return -1, n
	}
	value, _ = strconv.Atoi(r.s[start:r.pos])
	return value, n
}

func (r *dateReader) comment() {
	depth := 0
	for ; r.pos < len(r.s); r.pos++ {
		switch r.s[r.pos] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				r.pos++
				return
			}
		}
	}
}

func (r *dateReader) number() {
	value, n := r.digits(8)
	next := byte(0)
	if r.pos < len(r.s) {
		next = r.s[r.pos]
	}
	switch {
	case next == ':' && !r.timed && n <= 2 && r.digitAt(r.pos+1):
		r.clock(value)
	case next == '.' && !r.timed && n == 2 && r.month != 0 && len(r.numbers) >= 2 && r.digitAt(r.pos+1):
		r.clock(value) // QUIRK: "14.05.13" for the time
	case n == 8 && len(r.numbers) == 0: // 20121018
		r.numbers = append(r.numbers, dateNumber{value / 10000, 4}, dateNumber{value / 100 % 100, 2}, dateNumber{value % 100, 2})
	case n == 6 && len(r.numbers) == 3 && !r.timed: // 224839
		r.timed, r.hour, r.minutes, r.second = true, value/10000, value/100%100, value%100
	default:
		r.numbers = append(r.numbers, dateNumber{value, n})
	}
}

// clock reads the rest of a time of day after its hour.
func (r *dateReader) clock(hour int) {
	sep := r.s[r.pos]
	r.timed, r.hour = true, hour
	r.pos++
	r.minutes, _ = r.digits(2)
	if r.pos < len(r.s) && (r.s[r.pos] == sep || r.s[r.pos] == ':') && r.digitAt(r.pos+1) {
		r.pos++
		r.second, _ = r.digits(2)
	}
	if r.pos < len(r.s) && r.s[r.pos] == '.' && r.digitAt(r.pos+1) {
		r.pos++
		r.digits(20) // fractions are of no use to us
	}
}

func (r *dateReader) word() {
	start := r.pos
	for r.pos < len(r.s) && isLetter(r.s[r.pos]) {
		r.pos++
	}
	word := strings.ToLower(r.s[start:r.pos])
	switch {
	case word == "pm":
		r.pm = true
	case word == "am":
		r.am = true
	case isMonth(word) && (r.month == 0 || r.monthFirst && len(r.numbers) == 1):
		// QUIRK: "mar, 18 oct 2012": what seemed a month was a weekday of another language.
		r.month, r.monthFirst = monthNames[word[:3]], len(r.numbers) == 0
	case !r.zoned && r.timed:
		if offset, ok := fieldZone(word); ok {
			r.zoned, r.named, r.offset = true, true, offset
		}
	}
}

// zone reads "+0200", "+02:00", "+2". After a name ("GMT+2") it counts from there.
func (r *dateReader) zone() {
	sign := 1
	if r.s[r.pos] == '-' {
		sign = -1
	}
	r.pos++
	value, n := r.digits(4)
	hours, minutes := value, 0
	switch {
	case n >= 3:
		hours, minutes = value/100, value%100
	case r.pos < len(r.s) && r.s[r.pos] == ':' && r.digitAt(r.pos+1):
		r.pos++
		minutes, _ = r.digits(2)
	}
	if r.zoned && !r.named || value < 0 || hours > 14 || minutes > 59 || minutes < 0 {
		return // RFC 5322 §4.3: what is not known counts as -0000
	}
	r.zoned, r.named = true, false
	r.offset += sign * (hours*3600 + minutes*60)
}

func (r *dateReader) result() (time.Time, bool) {
	year, month, day, ok := r.date()
	if !ok || year < 1900 || year > 2999 || month < 1 || month > 12 || day < 1 || day > 31 { // RFC 5322 §3.3: from 1900 on
		return time.Time{}, false
	}
	if r.hour < 0 || r.hour > 24 || r.minutes < 0 || r.minutes > 59 || r.second < 0 || r.second > 60 {
		return time.Time{}, false
	}
	hour := r.hour
	if r.pm && hour < 12 {
		hour += 12
	} else if r.am && hour == 12 {
		hour = 0
	}
	zone := time.UTC
	if r.offset != 0 {
		zone = time.FixedZone("", r.offset)
	}
	t := time.Date(year, month, day, hour, r.minutes, r.second, r.nanos, zone)
	return t, t.Day() == day || hour == 24 || r.second == 60
}

// date tells which number is what.
func (r *dateReader) date() (year int, month time.Month, day int, ok bool) {
	n := r.numbers
	if r.month != 0 && len(n) >= 2 {
		if n[0].digits >= 3 || n[0].value > 31 {
			n[0], n[1] = n[1], n[0]
		}
		return fullYear(n[1]), r.month, n[0].value, n[0].digits <= 2 && n[1].value >= 0
	}
	if r.month != 0 || len(n) < 3 {
		return 0, 0, 0, false
	}
	switch {
	case n[0].digits == 4: // 2012-10-18
		return n[0].value, time.Month(n[1].value), n[2].value, true
	case r.sep == '/' && n[0].value <= 12: // 10/18/2012, as only Americans write slashes in mail headers
		return fullYear(n[2]), time.Month(n[0].value), n[1].value, n[2].value >= 0
	}
	return fullYear(n[2]), time.Month(n[1].value), n[0].value, n[2].value >= 0
}

// fullYear reads years of two and three digits (RFC 5322 §4.3).
func fullYear(n dateNumber) int {
	switch {
	case n.digits >= 4:
		return n.value
	case n.digits == 3 || n.value >= 50:
		return 1900 + n.value
	}
	return 2000 + n.value
}

// isMonth tells a month, also in full, from other words: "Monday" is none.
func isMonth(word string) bool {
	switch word {
	case "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
		"january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december":
		return true
	}
	return false
}

var monthNames = map[string]time.Month{
	"jan": time.January, "feb": time.February, "mar": time.March, "apr": time.April, "may": time.May, "jun": time.June,
	"jul": time.July, "aug": time.August, "sep": time.September, "oct": time.October, "nov": time.November, "dec": time.December,
}

// zoneNames are zone names in minutes east of Greenwich, as Date fields and mail clients write them. Names that several
// countries share have the meaning most mail has: CST is Chicago, IST is India.
var zoneNames = map[string]int{
	"utc": 0, "gmt": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "cest": 120, "eet": 120, "eest": 180,
	"mez": 60, "mesz": 120, "oez": 120, "oesz": 180, "sec": 60, "selc": 120, "hnec": 60, "haec": 120, "hnee": 120, "haee": 180,
	"msk": 180, "мск": 180, "trt": 180, "sast": 120, "eat": 180, "wat": 60, "cat": 120,
	"est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
	"akst": -540, "akdt": -480, "hst": -600, "ast": -240, "adt": -180, "nst": -210, "ndt": -150, "hne": -300, "hae": -240,
	"brt": -180, "brst": -120, "art": -180, "clt": -240, "clst": -180, "cot": -300, "pet": -300,
	"ist": 330, "pkt": 300, "gst": 240, "wib": 420, "wita": 480, "ict": 420, "hkt": 480, "sgt": 480, "awst": 480,
	"jst": 540, "kst": 540, "acst": 570, "acdt": 630, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
}

// fieldZoneNames are zones in a Date field only; in a sentence they are words ("met" is Dutch for "with").
var fieldZoneNames = map[string]int{"ut": 0, "z": 0, "met": 60, "mest": 120, "msd": 240}

// fieldZone looks up a zone of a Date field, in seconds. Military letters count as -0000, as RFC 5322 §4.3 says, and so
// does any name that is not known.
func fieldZone(name string) (seconds int, ok bool) {
	minutes, ok := zoneNames[name]
	if !ok {
		minutes, ok = fieldZoneNames[name]
	}
	return 60 * minutes, ok
}
