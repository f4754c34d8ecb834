package message

import (
	"strings"
	"time"
	"unicode/utf8"
)

// forwardParseDate reads a date as mail clients print it, in any language of the tables: "Wed, Oct 27, 2021 at 9:31 AM",
// "2021. okt. 27., Sze, 9:31", "26 octobre 2021 à 14:25:08 UTC+3", "2021年10月27日 下午9:31", "02/10/2023 4:52 PM EST".
// It returns the zero time where it cannot tell; zoned is false where the text named no zone, and the wall clock is then
// given in UTC. language settles words that mean two months; "" is fine.
func forwardParseDate(s, language string) (date time.Time, zoned bool) {
	if len(s) > 300 {
		return time.Time{}, false
	}
	r := forwardDateReader{tokens: forwardTokens(s), language: language}
	r.run()
	return r.result()
}

// forwardDateReader gathers the pieces of a date.
type forwardDateReader struct {
	tokens   []forwardToken
	language string

	year, month, day int
	triple           [3]int // 10/27/2021, order open until the clock is known
	tripleSign       rune
	loose            []forwardToken // numbers without a role yet
	yearFirst        bool

	clock        bool
	hour, min, s int
	half         int  // see forwardDayHalves
	english      bool // the half was told in Latin letters
	clockAt      int  // tokens[clockAt-1] is the last of the clock
	zoned        bool
	offset       int // minutes east of UTC
}

func (r *forwardDateReader) run() {
	for i := 0; i < len(r.tokens); {
		t := r.tokens[i]
		var n int
		switch {
		case t.digits > 0:
			n = r.number(i)
		case t.word != "":
			n = r.word(i)
		default:
			n = r.zoneSign(i)
		}
		i += max(1, n)
	}
}

// sign returns the sign of token i if it touches its neighbours, 0 else.
func (r *forwardDateReader) sign(i int) rune {
	if i <= 0 || i+1 >= len(r.tokens) || r.tokens[i].sign == 0 {
		return 0
	}
	if r.tokens[i-1].end != r.tokens[i].at || r.tokens[i].end != r.tokens[i+1].at {
		return 0
	}
	return r.tokens[i].sign
}

func (r *forwardDateReader) digits(i int) int {
	if i >= len(r.tokens) {
		return 0
	}
	return r.tokens[i].digits
}

// number gives a number its role and returns how many tokens that took.
func (r *forwardDateReader) number(i int) int {
	t := r.tokens[i]
	first, second := r.sign(i+1), r.sign(i+3)
	switch {
	case first == ':' && r.digits(i+2) > 0 && !r.clock:
		return r.readClock(i, ':')
	case strings.ContainsRune("./-", first) && first != 0 && second == first && r.digits(i+2) > 0 && r.digits(i+4) > 0:
		return r.readTriple(i, first)
	case first == '.' && r.digits(i+2) == 2 && second != '.' && r.dottedClock(i):
		return r.readClock(i, '.')
	}
	if n := r.unit(i); n > 0 {
		return n
	}
	switch {
	case t.digits == 4 && t.n >= 1970 && t.n < 2700 && r.year == 0:
		r.year, r.yearFirst = t.n, len(r.loose) == 0
	case t.digits <= 2:
		r.loose = append(r.loose, t)
	}
	return 1
}

// dottedClock tells "09.31" (Danish, Finnish) from a day and month: the date must be known already.
func (r *forwardDateReader) dottedClock(i int) bool {
	if r.clock || r.tokens[i].n > 23 || r.tokens[i+2].n > 59 {
		return false
	}
	for _, t := range r.tokens[i:] {
		if t.sign == ':' {
			return false
		}
	}
	return r.tripleSign != 0 || r.year != 0 || r.month != 0
}

func (r *forwardDateReader) readClock(i int, sign rune) int {
	h, m := r.tokens[i].n, r.tokens[i+2].n
	if h > 24 || m > 59 {
		return 1
	}
	r.clock, r.hour, r.min = true, h%24, m // QUIRK: programs of a browser write 24:15 for a quarter past midnight
	n := 3
	if r.sign(i+3) == sign && r.digits(i+4) > 0 && r.tokens[i+4].n < 61 {
		r.s, n = r.tokens[i+4].n, 5
		if r.sign(i+5) == '.' && r.digits(i+6) > 0 {
			n = 7
		}
	}
	r.clockAt = i + n
	return n
}

// readTriple takes "28.10.2021", "10/27/2021", "2021-10-27", or the clock "17.55.44".
func (r *forwardDateReader) readTriple(i int, sign rune) int {
	a, b, c := r.tokens[i], r.tokens[i+2], r.tokens[i+4]
	year := a.digits == 4 || c.digits == 4
	if sign == '.' && !year && !r.clock && (r.month != 0 || r.year != 0 || r.tripleSign != 0) {
		return r.readClock(i, '.')
	}
	if a.digits > 4 || b.digits > 2 || c.digits > 4 || r.tripleSign != 0 {
		return 5
	}
	r.triple, r.tripleSign = [3]int{a.n, b.n, c.n}, sign
	if a.digits == 4 {
		r.year, r.month, r.day = a.n, b.n, c.n
	}
	return 5
}

// unit takes a number whose role the word behind it (or, in Vietnamese, before it) tells.
func (r *forwardDateReader) unit(i int) int {
	t := r.tokens[i]
	if i > 0 {
		switch before := r.tokens[i-1]; before.word {
		case "thang", "thg":
			r.month = t.n
			return 1
		case "thu", "th":
			if t.digits == 1 && before.end != t.at {
				return 1 // "Th 4" is Wednesday
			}
		}
	}
	if i+1 >= len(r.tokens) || r.tokens[i+1].word == "" {
		return 0
	}
	word := r.tokens[i+1].word
	head, _ := utf8.DecodeRuneInString(word)
	switch {
	case head == '年' || word == forwardYearKo:
		r.year, r.yearFirst = t.n, true
	case head == '月' || word == forwardMonthKo:
		r.month = t.n
	case head == '日' || word == forwardDayKo:
		r.day = t.n
	case strings.ContainsRune("時时點点", head) || word == "h" || word == "u" || word == forwardHourKo || word == forwardHourTh:
		if r.clock || t.n > 24 || r.digits(i+2) == 0 || r.tokens[i+2].n > 59 {
			return 0
		}
		r.clock, r.hour, r.min, r.clockAt = true, t.n, r.tokens[i+2].n, i+3
		return 3
	default:
		return 0
	}
	return 2
}

// Korean units, and the Thai hour, folded.
var (
	forwardYearKo  = foldText("년")
	forwardMonthKo = foldText("월")
	forwardDayKo   = foldText("일")
	forwardHourKo  = foldText("시")
	forwardHourTh  = foldText("นาฬิกา")
)

// word looks a word up as month, half of the day, or zone.
func (r *forwardDateReader) word(i int) int {
	word := r.tokens[i].word
	if half := forwardDayHalves[word]; half > 0 && r.besideClock(i) {
		r.half, r.english = half, word[0] < utf8.RuneSelf
		return 1
	}
	if r.clock && i == r.clockAt && forwardClockWords[word] {
		return r.clockWord(i)
	}
	if n := r.splitHalf(i); n > 0 {
		return n
	}
	if n := r.splitMonth(i); n > 0 {
		return n
	}
	if offset, ok := zoneNames[word]; ok && r.clock && !r.zoned {
		return r.zoneName(i, offset)
	}
	if word == "z" && r.clock && r.tokens[i-1].digits > 0 && r.tokens[i-1].end == r.tokens[i].at {
		r.zoned = true
		return 1
	}
	if month := forwardMonth(word, r.language); month > 0 && !r.dated(i) {
		r.month = month // the last word wins: "mar. 2 nov." is a Tuesday
	}
	return 1
}

// dated reports that token i stands behind a whole date: "27 May 2012 Paz" is a Sunday in Turkish, not a Polish October.
func (r *forwardDateReader) dated(i int) bool {
	return r.month > 0 && (r.clock && i >= r.clockAt || r.year > 0 && len(r.loose) > 0)
}

// besideClock reports that token i stands next to the time of day.
func (r *forwardDateReader) besideClock(i int) bool {
	if r.clock {
		return i == r.clockAt
	}
	// Before the clock only where the word means nothing else: "em" is "on" in Portuguese, "am" is it in German.
	word, next := r.tokens[i].word, i+1
	if next < len(r.tokens) && r.tokens[next].sign == '.' { // "du. 04:05"
		next++
	}
	return next+1 < len(r.tokens) && r.digits(next) > 0 && (word[0] >= utf8.RuneSelf || forwardHalvesBefore[word] && r.clockBegins(next))
}

// forwardHalvesBefore are Latin marks that English, Hungarian and Turkish put before the time of day.
var forwardHalvesBefore = forwardWordSet("am pm du ös öö")

// forwardClockWords stand between the time of day and its half: "04:05 ч. pm", "04 h 05 min 12 s p.m.".
var forwardClockWords = forwardWordSet("ч h uhr min s год")

func (r *forwardDateReader) clockWord(i int) int {
	n := 1
	if r.tokens[i].word == "min" && r.digits(i+1) > 0 && r.tokens[i+1].n < 61 {
		r.s, n = r.tokens[i+1].n, 2
	}
	if i+n < len(r.tokens) && r.tokens[i+n].sign == '.' {
		n++
	}
	r.clockAt = i + n
	return n
}

// clockBegins reports "9:05" or "9시".
func (r *forwardDateReader) clockBegins(i int) bool {
	return r.sign(i+1) == ':' || i+1 < len(r.tokens) && r.tokens[i+1].word == forwardHourKo
}

// splitHalf reads "a.m.", "p. m.", "π.μ.".
func (r *forwardDateReader) splitHalf(i int) int {
	if !r.clock || i != r.clockAt || i+2 >= len(r.tokens) || r.tokens[i+1].sign != '.' {
		return 0
	}
	half := forwardDayHalves[r.tokens[i].word+r.tokens[i+2].word]
	if half == 0 {
		return 0
	}
	r.half, r.english = half, r.tokens[i].word[0] < utf8.RuneSelf
	return 3
}

// splitMonth reads the Thai "ม.ค." and its like.
func (r *forwardDateReader) splitMonth(i int) int {
	if i+2 >= len(r.tokens) || r.sign(i+1) != '.' || r.tokens[i+2].word == "" || r.tokens[i].word[0] < utf8.RuneSelf {
		return 0
	}
	month := forwardMonth(r.tokens[i].word+r.tokens[i+2].word, r.language)
	if month == 0 {
		return 0
	}
	r.month = month
	return 3
}

// zoneName takes "CET", "GMT+3", "UTC+02:00", "GMT -0400".
func (r *forwardDateReader) zoneName(i, offset int) int {
	r.zoned, r.offset = true, offset
	if i+2 < len(r.tokens) && r.digits(i+2) > 0 {
		if direction := forwardDirection(r.tokens[i+1].sign); direction != 0 {
			minutes, n := r.zoneNumber(i + 2)
			r.offset = direction * minutes
			return 2 + n
		}
	}
	return 1
}

// zoneSign takes a bare "+0300", "-04:00" behind the clock.
func (r *forwardDateReader) zoneSign(i int) int {
	direction := forwardDirection(r.tokens[i].sign)
	if direction == 0 || !r.clock || r.zoned || r.digits(i+1) == 0 || r.tokens[i].end != r.tokens[i+1].at {
		return 1
	}
	minutes, n := r.zoneNumber(i + 1)
	if n == 1 && r.tokens[i+1].digits < 4 {
		return 1
	}
	r.zoned, r.offset = true, direction*minutes
	return 1 + n
}

func forwardDirection(sign rune) int {
	switch sign {
	case '+':
		return 1
	case '-', '−', '–':
		return -1
	}
	return 0
}

// zoneNumber reads "3", "03", "0300", "03:00" in minutes.
func (r *forwardDateReader) zoneNumber(i int) (minutes, n int) {
	t := r.tokens[i]
	if t.digits >= 3 {
		return (t.n/100)*60 + t.n%100, 1
	}
	if r.sign(i+1) == ':' && r.digits(i+2) == 2 {
		return t.n*60 + r.tokens[i+2].n, 3
	}
	return t.n * 60, 1
}

// result puts the pieces together, or gives up.
func (r *forwardDateReader) result() (time.Time, bool) {
	r.settle()
	if r.year > 2500 { // the Buddhist calendar of Thailand
		r.year -= 543
	}
	if r.month < 1 || r.month > 12 || r.year < 1970 || r.year > 2200 || r.day < 1 {
		return time.Time{}, false
	}
	if r.half == 2 && r.hour < 12 {
		r.hour += 12
	}
	if r.half == 1 && r.hour == 12 {
		r.hour = 0
	}
	zone := time.UTC
	if r.zoned && r.offset != 0 && r.offset > -15*60 && r.offset < 15*60 {
		zone = time.FixedZone("", r.offset*60)
	}
	date := time.Date(r.year, time.Month(r.month), r.day, r.hour, r.min, r.s, 0, zone)
	if date.Day() != r.day && r.hour < 24 {
		return time.Time{}, false // 31 February
	}
	return date, r.zoned
}

// settle decides which number is day, month and year.
func (r *forwardDateReader) settle() {
	if r.tripleSign != 0 && r.year == 0 {
		r.settleTriple()
		return
	}
	loose := make([]int, 0, 4)
	for _, t := range r.loose {
		loose = append(loose, t.n)
	}
	take := func() int {
		if len(loose) == 0 {
			return 0
		}
		n := loose[0]
		loose = loose[1:]
		return n
	}
	if r.yearFirst && r.month == 0 {
		r.month = take()
	}
	if r.day == 0 {
		r.day = take()
	}
	if r.month == 0 {
		r.month = take()
	}
	if r.year == 0 && len(loose) > 0 {
		r.year = 2000 + take()
	}
}

// settleTriple orders day and month. Dots and hyphens are always day first. Slashes are, too, unless the numbers say
// otherwise or an English text has a twelve-hour clock: then it is American.
func (r *forwardDateReader) settleTriple() {
	a, b := r.triple[0], r.triple[1]
	r.year = r.triple[2]
	if r.year < 100 {
		r.year += 2000
	}
	american := r.tripleSign == '/' && (b > 12 || a <= 12 && r.english && (r.language == "en" || r.language == ""))
	r.day, r.month = a, b
	if american {
		r.day, r.month = b, a
	}
}
