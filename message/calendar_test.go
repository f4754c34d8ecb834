package message

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const calendarSample = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nVERSION:2.0\r\n" +
	"BEGIN:VTIMEZONE\r\nTZID:Office\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n" +
	"BEGIN:DAYLIGHT\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n" +
	"BEGIN:VEVENT\r\nUID:17@client.example\r\nSEQUENCE:2\r\nSUMMARY;LANGUAGE=cs:Sch\u016fzka\\, nab\u00ed\r\n dka 17\r\n" +
	"ORGANIZER;CN=\"Nov\u00e1: Jana\":mailto:jana@client.example\r\n" +
	"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;CN=Anna:MAILTO:anna@agency.exa\r\n mple\r\n" +
	"ATTENDEE;ROLE=OPT-PARTICIPANT;PARTSTAT=ACCEPTED;CN=petr@client.example:mailto:petr@client.example\r\n" +
	"ATTENDEE;CN=Room:urn:uuid:1\r\nLOCATION:Praha\r\nSTATUS:confirmed\r\n" +
	"DTSTART;TZID=Office:20240305T140000\r\nDURATION:PT1H30M\r\n" +
	"BEGIN:VALARM\r\nSUMMARY:not this\r\nEND:VALARM\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nUID:other\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

func TestInvitation(t *testing.T) {
	got, ok := ParseInvitation(calendarSample)
	if !ok {
		t.Fatal("no invitation found")
	}
	if got.Method != "REQUEST" || got.UID != "17@client.example" || got.Sequence != 2 || got.Summary != "Schůzka, nabídka 17" || got.Location != "Praha" || got.Status != "CONFIRMED" {
		t.Errorf("got %+v", got)
	}
	if got.Organizer != (Address{"Nová: Jana", "jana@client.example"}) || len(got.Attendees) != 2 {
		t.Fatalf("people: got %+v, %+v", got.Organizer, got.Attendees)
	}
	if a, b := got.Attendees[0], got.Attendees[1]; a != (Attendee{Address{"Anna", "anna@agency.example"}, "NEEDS-ACTION", false}) ||
		b != (Attendee{Address{"", "petr@client.example"}, "ACCEPTED", true}) {
		t.Errorf("attendees: got %+v, %+v", a, b)
	}
	start := time.Date(2024, 3, 5, 13, 0, 0, 0, time.UTC)
	if !got.Start.Equal(start) || !got.End.Equal(start.Add(90*time.Minute)) || !got.Zoned || got.AllDay {
		t.Errorf("times: got %v to %v, zoned %v", got.Start, got.End, got.Zoned)
	}
}

func TestInvitationOfAMail(t *testing.T) {
	want, _ := ParseInvitation(calendarSample)
	got, ok := readMail(t, "../testdata/mail/meeting-request.eml").Invitation()
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Errorf("found=%v (-want +got):\n%s", ok, diff)
	}
	if got, ok := readMail(t, "../testdata/mail/calendar-invitation.eml").Invitation(); ok {
		t.Errorf("a calendar without an event: got %+v", got)
	}
}

func TestInvitationParts(t *testing.T) {
	event := func(uid string) string {
		return "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:" + uid + "\nEND:VEVENT\nEND:VCALENDAR\n"
	}
	part := func(header, body string) string { return "--x\nContent-Type: " + header + "\n\n" + body }
	long := "BEGIN:VCALENDAR\nX-COMMENT:" + strings.Repeat("x", maxCalendarBytes) + "\nBEGIN:VEVENT\nUID:too-late\nEND:VEVENT\n"
	for _, test := range []struct{ rule, parts, want string }{
		{"the first that holds an event", part("text/calendar", "Hello\n") + part("text/calendar", event("a")) + part("text/calendar", event("b")), "a "},
		{"a file where there is no part", part("text/plain", "Hello\n") + part("application/ics", event("a")), "a "},
		{"the part before the file", part("application/ics", event("file")) + part("text/calendar", event("part")), "part "},
		{"the method of the part", part("text/calendar; method=reply", event("a")), "a REPLY"},
		{"in its charset", part("text/calendar; charset=iso-8859-2", event("\xe8")), "č "},
		{"within 256 KiB", part("text/calendar", long), ""},
		{"none", part("text/plain", event("a")), ""},
	} {
		m := Parse([]byte("Subject: s\nContent-Type: multipart/mixed; boundary=x\n\n"+test.parts+"--x--\n"), Limits{})
		got, ok := m.Invitation()
		summary := ""
		if ok {
			summary = got.UID + " " + got.Method
		}
		if summary != test.want {
			t.Errorf("%s: got %q, want %q, of %.200q", test.rule, summary, test.want, test.parts)
		}
	}
}

func TestInvitationTimes(t *testing.T) {
	tests := []struct {
		name, start, want string
		zoned, allDay     bool
	}{
		{"UTC", "DTSTART:20240305T140000Z", "2024-03-05T14:00:00Z", true, false},
		{"IANA zone", "DTSTART;TZID=Europe/Prague:20240705T140000", "2024-07-05T12:00:00Z", true, false},
		{"IANA zone behind a path", "DTSTART;TZID=/example.org/20240101/Europe/Prague:20240705T140000", "2024-07-05T12:00:00Z", true, false},
		{"Windows zone", "DTSTART;TZID=Pacific Standard Time:20240105T140000", "2024-01-05T22:00:00Z", true, false},
		{"quoted Windows zone", `DTSTART;TZID="W. Europe Standard Time":20240705T140000`, "2024-07-05T12:00:00Z", true, false},
		{"floating", "DTSTART:20240305T140000", "2024-03-05T14:00:00Z", false, false},
		{"unknown zone", "DTSTART;TZID=../../etc/passwd:20240305T140000", "2024-03-05T14:00:00Z", false, false},
		{"whole day", "DTSTART;VALUE=DATE:20240305", "2024-03-05T00:00:00Z", false, true},
		{"nonsense", "DTSTART:yesterday", "0001-01-01T00:00:00Z", false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, ok := ParseInvitation("BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + test.start + "\nEND:VEVENT\nEND:VCALENDAR\n")
			if at := got.Start.UTC().Format(time.RFC3339); !ok || at != test.want || got.Zoned != test.zoned || got.AllDay != test.allDay {
				t.Errorf("%s: got %s, zoned %v, all day %v; want %s, %v, %v", test.start, at, got.Zoned, got.AllDay, test.want, test.zoned, test.allDay)
			}
		})
	}
}

func TestInvitationNeedsAnEvent(t *testing.T) {
	for _, text := range []string{"", "Hello", "BEGIN:VCALENDAR\nEND:VCALENDAR\n", "SUMMARY:x\n"} {
		if got, ok := ParseInvitation(text); ok {
			t.Errorf("%q: got %+v", text, got)
		}
	}
}

func TestInvitationIsLinear(t *testing.T) {
	hostile := hostileBodies()
	head := "BEGIN:VCALENDAR\nBEGIN:VEVENT\n"
	hostile["folds"] = head + "SUMMARY:" + strings.Repeat("\n x", 300_000)
	hostile["parameters"] = head + "ATTENDEE" + strings.Repeat(";A=B", 250_000) + ":mailto:a@b.example"
	hostile["attendees"] = head + strings.Repeat("ATTENDEE:mailto:a@b.example\n", 35_000)
	hostile["components"] = strings.Repeat("BEGIN:X\n", 130_000)
	for name, body := range hostile {
		var got Invitation
		checkLinear(t, name, func() { got, _ = ParseInvitation(body) })
		if len(got.Attendees) > calendarMaxAttendees {
			t.Errorf("%s: %d attendees", name, len(got.Attendees))
		}
	}
}
