package message

import (
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	const want = "2012-10-19T05:48:39Z"
	for _, test := range []struct{ rule, in, want string }{
		{"RFC 5322", "Thu, 18 Oct 2012 22:48:39 -0700", want},
		{"with a comment", "Thu, 18 Oct 2012 22:48:39 -0700 (PDT)", want},
		{"nested comments", "Thu, (18 (Nov)) 18 Oct 2012 22:48:39 (x) -0700", want},
		{"without weekday", "18 Oct 2012 22:48:39 -0700", want},
		{"without comma", "Thu 18 Oct 2012 22:48:39 -0700", want},
		{"no space after the comma", "Thu,18 Oct 2012 22:48:39 -0700", want},
		{"folded", "Thu, 18 Oct\r\n 2012 22:48:39 -0700", want},
		{"without seconds", "Thu, 18 Oct 2012 22:48 -0700", "2012-10-19T05:48:00Z"},
		{"zone name", "Thu, 18 Oct 2012 22:48:39 PDT", want},
		{"GMT", "Fri, 19 Oct 2012 05:48:39 GMT", want},
		{"UT", "Fri, 19 Oct 2012 05:48:39 UT", want},
		{"GMT and an offset", "Fri, 19 Oct 2012 07:48:39 GMT+0200", want},
		{"UTC and a short offset", "Fri, 19 Oct 2012 07:48:39 UTC+2", want},
		{"offset with a colon", "Fri, 19 Oct 2012 07:48:39 +02:00", want},
		{"offset, then a name", "Thu, 18 Oct 2012 22:48:39 -0700 PDT", want},
		{"half-hour zone", "Fri, 19 Oct 2012 11:18:39 +0530", want},
		{"zone of the military", "Fri, 19 Oct 2012 05:48:39 A", want},
		{"unknown zone", "Fri, 19 Oct 2012 05:48:39 Foobar", want},
		{"no zone", "Fri, 19 Oct 2012 05:48:39", want},
		{"impossible zone", "Fri, 19 Oct 2012 05:48:39 +9999", want},
		{"two-digit year", "Thu, 18 Oct 12 22:48:39 -0700", want},
		{"two-digit year of the last century", "Sun, 10 Jul 94 00:36:51 +0100", "1994-07-09T23:36:51Z"},
		{"three-digit year", "Thu, 18 Oct 112 22:48:39 -0700", want},
		{"month in full", "Thursday, 18 October 2012 22:48:39 -0700", want},
		{"capitals", "THU, 18 OCT 2012 22:48:39 -0700", want},
		{"dashes", "18-Oct-2012 22:48:39 -0700", want},
		{"dashes and two digits", "18-Oct-12 22:48:39 -0700", want},
		{"ctime", "Thu Oct 18 22:48:39 2012", "2012-10-18T22:48:39Z"},
		{"ctime with a zone", "Thu Oct 18 22:48:39 PDT 2012", want},
		{"ctime with an offset", "Thu Oct 18 22:48:39 -0700 2012", want},
		{"American", "October 18, 2012 10:48:39 PM -0700", want},
		{"noon", "18 Oct 2012 12:00:00 PM +0000", "2012-10-18T12:00:00Z"},
		{"midnight", "18 Oct 2012 12:00:00 AM +0000", "2012-10-18T00:00:00Z"},
		{"ISO 8601", "2012-10-18T22:48:39-07:00", want},
		{"ISO 8601 with Z and fractions", "2012-10-19T05:48:39.123Z", want},
		{"ISO 8601 with a space", "2012-10-18 22:48:39 -0700", want},
		{"ISO 8601, compact", "20121019T054839Z", want},
		{"Go", "2012-10-18 22:48:39.123456 -0700 PDT", want},
		{"slashes, year first", "2012/10/18 22:48:39 -0700", want},
		{"slashes, American", "10/18/2012 22:48:39 -0700", want},
		{"slashes, day first", "18/10/2012 22:48:39 -0700", want},
		{"dots", "18.10.2012 22:48:39 -0700", want},
		{"dots in the time", "Thu, 18 Oct 2012 22.48.39 -0700", want},
		{"weekday of another language", "mar, 18 Oct 2012 22:48:39 -0700", want},
		{"leap second", "Sat, 31 Dec 2016 23:59:60 +0000", "2017-01-01T00:00:00Z"},
		{"one-digit hour", "Thu, 18 Oct 2012 2:48:39 -0700", "2012-10-18T09:48:39Z"},
		{"date only", "18 Oct 2012", "2012-10-18T00:00:00Z"},

		{"nothing", "", ""},
		{"words", "yesterday at noon", ""},
		{"no year", "Thu, 18 Oct 22:48:39", ""},
		{"no month", "Thu, 18 2012 22:48:39", ""},
		{"no such day", "Thu, 31 Feb 2012 22:48:39", ""},
		{"no such month", "2012-13-18 22:48:39", ""},
		{"no such hour", "Thu, 18 Oct 2012 25:48:39", ""},
		{"no such minute", "Thu, 18 Oct 2012 22:77:39", ""},
		{"long numbers", "99999999999999999999 Oct 99999999999999999999 22:48:39", ""},
		{"year zero", "18 Oct 0000 22:48:39", ""},
		{"year of five digits", "18 Oct 20121 22:48:39", ""},
		{"number only", "1350625719", ""},
	} {
		got := ""
		if date, ok := parseDate(test.in); ok {
			got = date.UTC().Format(time.RFC3339)
		}
		if got != test.want {
			t.Errorf("%s: %q: got %q, want %q", test.rule, test.in, got, test.want)
		}
	}
}

func TestDateKeepsTheOffsetOfTheSender(t *testing.T) {
	date, _ := parseDate("Thu, 18 Oct 2012 22:48:39 -0700")
	if _, offset := date.Zone(); offset != -7*3600 {
		t.Errorf("offset %d s, want %d", offset, -7*3600)
	}
}
