package message

import (
	"strconv"
	"strings"
	"time"
)

// Invitation is a meeting in a mail: its text/calendar part (RFC 5545, RFC 5546).
type Invitation struct {
	Method    string // upper case: REQUEST, REPLY, CANCEL, COUNTER, PUBLISH, …; "" when the part names none
	UID       string
	Sequence  int
	Status    string // upper case: CONFIRMED, TENTATIVE, CANCELLED, or ""
	Summary   string
	Location  string
	Organizer Address
	Attendees []Attendee
	Start     time.Time // zero when not readable; wall clock in UTC when the zone is not known (see Zoned)
	End       time.Time // also from DURATION; zero when neither is there
	AllDay    bool      // Start and End are dates; End is the day after the last
	Zoned     bool      // Start is a known instant
}

// Attendee is one person invited.
type Attendee struct {
	Address
	Answer   string // upper case PARTSTAT: ACCEPTED, DECLINED, TENTATIVE, NEEDS-ACTION, DELEGATED, or ""
	Optional bool   // ROLE=OPT-PARTICIPANT
}

// Limits on what is read of a calendar part.
const (
	calendarMaxAttendees = 1000
	calendarMaxLine      = 32 << 10
)

// ParseInvitation reads the first event (or task) of a calendar text. It is false where there is none. Time zones come
// from the IANA name, from Windows' own names, or from the VTIMEZONE's standard offset, in this order. It looks at the
// first megabyte, in linear time.
func ParseInvitation(ics string) (Invitation, bool) {
	var r calendarReader
	r.offsets = map[string]int{}
	for ics = cutString(ics, forwardLimit); ics != "" && !r.done; {
		var line string
		line, ics = calendarUnfold(ics)
		if name, params, value, ok := calendarSplit(line); ok {
			r.property(name, params, value)
		}
	}
	if !r.found {
		return Invitation{}, false
	}
	r.settleTimes()
	return r.event, true
}

// maxCalendarBytes bounds what is decoded of one calendar part, in bytes.
const maxCalendarBytes = 256 << 10

// Invitation reads the first calendar part of the mail that holds an event, its first 256 KiB; false if none does.
//
// QUIRK: some send the calendar as application/ics only (RFC 5545 §8.1 registers text/calendar).
func (m *Message) Invitation() (Invitation, bool) {
	for _, kind := range []string{"text/calendar", "application/ics"} {
		for i := range m.Parts {
			if p := &m.Parts[i]; p.MediaType == kind {
				if invitation, ok := m.invitationIn(p); ok {
					return invitation, true
				}
			}
		}
	}
	return Invitation{}, false
}

func (m *Message) invitationIn(p *Part) (Invitation, bool) {
	content, cut, _ := decodeTransfer(p.content, p.transferEncoding(), maxCalendarBytes)
	if cut {
		content = wholeRunes(content)
	}
	text, _ := toUTF8(content, p.Params["charset"], m.Header.fallback)
	invitation, ok := ParseInvitation(cleanBody([]byte(text)))
	if ok && invitation.Method == "" {
		invitation.Method = strings.ToUpper(strings.TrimSpace(p.Params["method"])) // RFC 6047 §2.4: both say the same
	}
	return invitation, ok
}

// calendarUnfold takes the first content line with its continuations (RFC 5545 §3.1). A line over calendarMaxLine is
// cut there.
func calendarUnfold(s string) (line, rest string) {
	line, rest, _ = strings.Cut(s, "\n")
	line = cutString(strings.TrimRight(line, "\r"), calendarMaxLine)
	if rest == "" || rest[0] != ' ' && rest[0] != '\t' {
		return line, rest
	}
	var b strings.Builder
	b.WriteString(line)
	for rest != "" && (rest[0] == ' ' || rest[0] == '\t') {
		var more string
		more, rest, _ = strings.Cut(rest[1:], "\n")
		if b.Len() < calendarMaxLine {
			b.WriteString(cutString(strings.TrimRight(more, "\r"), calendarMaxLine))
		}
	}
	return b.String(), rest
}

// calendarSplit parts a content line into name, parameters (names in upper case) and value, minding quotes.
func calendarSplit(line string) (name string, params map[string]string, value string, ok bool) {
	start, quoted := 0, false
	params = map[string]string{}
	for i := 0; i < len(line); i++ {
		c := line[i]
		if c == '"' {
			quoted = !quoted
		}
		if quoted || c != ';' && c != ':' {
			continue
		}
		field := line[start:i]
		start = i + 1
		if name == "" {
			name = strings.ToUpper(strings.TrimSpace(field))
		} else if key, val, found := strings.Cut(field, "="); found && len(params) < 50 {
			params[strings.ToUpper(strings.TrimSpace(key))] = strings.Trim(val, `" `)
		}
		if c == ':' {
			return name, params, line[start:], name != ""
		}
	}
	return "", nil, "", false
}

// calendarReader collects the event while lines go by.
type calendarReader struct {
	event       Invitation
	found, done bool
	open        []string       // components we are in, outermost first
	zone        string         // TZID of the VTIMEZONE we are in
	offsets     map[string]int // standard offset of each VTIMEZONE, in seconds

	start, end calendarTime
	duration   time.Duration
}

// calendarTime is a DTSTART or DTEND before its zone is known: the VTIMEZONE may follow.
type calendarTime struct{ value, zone, kind string }

func (r *calendarReader) inside() string {
	if len(r.open) == 0 {
		return ""
	}
	return r.open[len(r.open)-1]
}

func (r *calendarReader) property(name string, params map[string]string, value string) {
	switch name {
	case "BEGIN":
		r.begin(strings.ToUpper(strings.TrimSpace(value)))
	case "END":
		if len(r.open) > 0 {
			r.open = r.open[:len(r.open)-1]
		}
	case "METHOD":
		if len(r.open) <= 1 {
			r.event.Method = strings.ToUpper(strings.TrimSpace(value))
		}
	case "TZID":
		if r.inside() == "VTIMEZONE" {
			r.zone = value
		}
	case "TZOFFSETTO":
		if _, known := r.offsets[r.zone]; r.inside() == "STANDARD" || r.inside() == "DAYLIGHT" && !known {
			r.offset(value)
		}
	default:
		if in := r.inside(); !r.done && (in == "VEVENT" || in == "VTODO") {
			r.eventProperty(name, params, value)
		}
	}
}

// begin enters a component. The second event of a series is its exceptions; the first says what is wanted.
func (r *calendarReader) begin(component string) {
	if len(r.open) < 20 {
		r.open = append(r.open, component)
	}
	switch component {
	case "VEVENT", "VTODO":
		if r.found {
			r.done = true
		}
		r.found = true
	case "VTIMEZONE":
		r.zone = ""
	}
}

func (r *calendarReader) offset(value string) {
	value = strings.TrimSpace(value)
	if len(value) < 5 || len(r.offsets) > 100 {
		return
	}
	hours, err1 := strconv.Atoi(value[1:3])
	minutes, err2 := strconv.Atoi(value[3:5])
	if err1 != nil || err2 != nil || hours > 15 {
		return
	}
	seconds := hours*3600 + minutes*60
	if value[0] == '-' {
		seconds = -seconds
	}
	r.offsets[r.zone] = seconds
}

func (r *calendarReader) eventProperty(name string, params map[string]string, value string) {
	e := &r.event
	switch name {
	case "UID":
		e.UID = strings.TrimSpace(value)
	case "SEQUENCE":
		e.Sequence, _ = strconv.Atoi(strings.TrimSpace(value))
	case "STATUS":
		e.Status = strings.ToUpper(strings.TrimSpace(value))
	case "SUMMARY":
		e.Summary = foldSpace(plainText(calendarText(value)))
	case "LOCATION":
		e.Location = foldSpace(plainText(calendarText(value)))
	case "ORGANIZER":
		e.Organizer = calendarPerson(params, value)
	case "ATTENDEE":
		if who := calendarPerson(params, value); who.Addr != "" && len(e.Attendees) < calendarMaxAttendees {
			e.Attendees = append(e.Attendees, Attendee{who, strings.ToUpper(params["PARTSTAT"]), strings.EqualFold(params["ROLE"], "OPT-PARTICIPANT")})
		}
	case "DTSTART":
		r.start = calendarTime{strings.TrimSpace(value), params["TZID"], params["VALUE"]}
	case "DTEND", "DUE":
		r.end = calendarTime{strings.TrimSpace(value), params["TZID"], params["VALUE"]}
	case "DURATION":
		r.duration = calendarDuration(value)
	}
}

// calendarPerson reads ORGANIZER and ATTENDEE: CN is the name, the value a mailto: address, or the EMAIL parameter
// (RFC 7986 §6.2) beside some other kind of address.
func calendarPerson(params map[string]string, value string) Address {
	addr := forwardMailto(value)
	if addr == "" {
		addr = forwardMailto("mailto:" + params["EMAIL"])
	}
	if addr == "" {
		who, _, _ := forwardFirstMailbox(cutString(value, 1000))
		addr = who.Addr
	}
	return Address{Name: nameBeside(forwardCleanName(params["CN"]), addr), Addr: addr}
}

// calendarText undoes the escapes of RFC 5545 §3.3.11.
func calendarText(s string) string {
	return strings.NewReplacer(`\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(s)
}

// settleTimes turns the times as written into instants, now that all zones are known.
func (r *calendarReader) settleTimes() {
	e := &r.event
	e.Start, e.AllDay, e.Zoned = r.instant(r.start)
	e.End, _, _ = r.instant(r.end)
	if e.End.IsZero() && !e.Start.IsZero() && r.duration > 0 {
		e.End = e.Start.Add(r.duration)
	}
}

func (r *calendarReader) instant(t calendarTime) (at time.Time, allDay, zoned bool) {
	if len(t.value) == 8 || strings.EqualFold(t.kind, "DATE") {
		at, err := time.Parse("20060102", cutString(t.value, 8))
		return at, err == nil, false
	}
	if utc, err := time.Parse("20060102T150405Z", t.value); err == nil {
		return utc, false, true
	}
	zone, known := r.location(t.zone)
	at, err := time.ParseInLocation("20060102T150405", t.value, zone)
	if err != nil {
		return time.Time{}, false, false
	}
	return at, false, known
}

// location finds a zone by its name. Some programs prefix the IANA name with a path of their own.
func (r *calendarReader) location(name string) (*time.Location, bool) {
	if name == "" || len(name) > 200 {
		return time.UTC, false
	}
	if iana, ok := calendarWindowsZones[name]; ok {
		name = iana
	}
	if parts := strings.Split(strings.Trim(name, "/"), "/"); len(parts) > 2 {
		name = strings.Join(parts[len(parts)-2:], "/")
	}
	if !strings.EqualFold(name, "local") {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, true
		}
	}
	if seconds, ok := r.offsets[name]; ok {
		return time.FixedZone("", seconds), true
	}
	return time.UTC, false
}

// calendarDuration reads "PT1H30M", "P1D", "P2W" (RFC 5545 §3.3.6); 0 when it is none, negative or absurd.
func calendarDuration(s string) time.Duration {
	s = strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(s)), "+")
	if !strings.HasPrefix(s, "P") || len(s) > 40 {
		return 0
	}
	units := map[byte]time.Duration{'W': 7 * 24 * time.Hour, 'D': 24 * time.Hour, 'H': time.Hour, 'M': time.Minute, 'S': time.Second}
	total, n := time.Duration(0), 0
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9' && n < 100_000:
			n = n*10 + int(c-'0')
		case c == 'T':
		case units[c] > 0:
			total += time.Duration(n) * units[c]
			n = 0
		default:
			return 0
		}
	}
	if total > 366*24*time.Hour || total < 0 {
		return 0
	}
	return total
}

// calendarWindowsZones are the zone names of Outlook and Exchange for where most mail is written.
var calendarWindowsZones = map[string]string{
	"UTC": "UTC", "GMT Standard Time": "Europe/London", "Greenwich Standard Time": "Atlantic/Reykjavik",
	"W. Europe Standard Time": "Europe/Berlin", "Central Europe Standard Time": "Europe/Budapest", "Romance Standard Time": "Europe/Paris",
	"Central European Standard Time": "Europe/Warsaw", "E. Europe Standard Time": "Europe/Chisinau", "FLE Standard Time": "Europe/Kyiv",
	"GTB Standard Time": "Europe/Bucharest", "Russian Standard Time": "Europe/Moscow", "Belarus Standard Time": "Europe/Minsk",
	"Kaliningrad Standard Time": "Europe/Kaliningrad", "Ekaterinburg Standard Time": "Asia/Yekaterinburg", "Turkey Standard Time": "Europe/Istanbul",
	"Israel Standard Time": "Asia/Jerusalem", "Egypt Standard Time": "Africa/Cairo", "South Africa Standard Time": "Africa/Johannesburg",
	"Arab Standard Time": "Asia/Riyadh", "Arabian Standard Time": "Asia/Dubai", "Georgian Standard Time": "Asia/Tbilisi",
	"Caucasus Standard Time": "Asia/Yerevan", "West Asia Standard Time": "Asia/Tashkent", "Central Asia Standard Time": "Asia/Almaty",
	"Qyzylorda Standard Time": "Asia/Qyzylorda", "Pakistan Standard Time": "Asia/Karachi", "India Standard Time": "Asia/Kolkata",
	"SE Asia Standard Time": "Asia/Bangkok", "China Standard Time": "Asia/Shanghai", "Singapore Standard Time": "Asia/Singapore",
	"Taipei Standard Time": "Asia/Taipei", "Tokyo Standard Time": "Asia/Tokyo", "Korea Standard Time": "Asia/Seoul",
	"AUS Eastern Standard Time": "Australia/Sydney", "W. Australia Standard Time": "Australia/Perth", "New Zealand Standard Time": "Pacific/Auckland",
	"Eastern Standard Time": "America/New_York", "Central Standard Time": "America/Chicago", "Mountain Standard Time": "America/Denver",
	"US Mountain Standard Time": "America/Phoenix", "Pacific Standard Time": "America/Los_Angeles", "Atlantic Standard Time": "America/Halifax",
	"Central Standard Time (Mexico)": "America/Mexico_City", "SA Pacific Standard Time": "America/Bogota", "Argentina Standard Time": "America/Argentina/Buenos_Aires",
	"E. South America Standard Time": "America/Sao_Paulo", "Pacific SA Standard Time": "America/Santiago",
}
