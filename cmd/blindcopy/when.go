package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	day         = 24 * time.Hour
	dateLayout  = "2006-01-02"
	clockLayout = "15:04"
)

// moment is a time in a list: the date, and beside it how long ago that is.
func (s *screen) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	date := t.In(s.zone).Format(dateLayout + " " + clockLayout)
	if ago := s.ago(t); ago != "" {
		return date + " (" + ago + ")"
	}
	return date
}

// ago says how long ago t is in the words of a person; "" beyond a month, where the date says
// more, and for times ahead.
func (s *screen) ago(t time.Time) string {
	d := s.now.Sub(t)
	switch {
	case d < 0 || d >= 30*day:
		return ""
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d/time.Minute))
	case d < day:
		return fmt.Sprintf("%d h ago", int(d/time.Hour))
	case d < 2*day:
		return "1 day ago"
	}
	return fmt.Sprintf("%d days ago", int(d/day))
}

// dayTitle heads the mail of one day on a timeline.
func (s *screen) dayTitle(t time.Time) string {
	t = t.In(s.zone)
	title := t.Format("Monday, 2 January 2006")
	today := s.now.In(s.zone)
	switch t.Format(dateLayout) {
	case today.Format(dateLayout):
		return "Today, " + t.Format("2 January 2006")
	case today.AddDate(0, 0, -1).Format(dateLayout):
		return "Yesterday, " + t.Format("2 January 2006")
	}
	return title
}

// parseSince reads a point in the past as people type it: 2h, 7d, today, yesterday, a
// date, or a full RFC 3339 time.
func parseSince(text string, now time.Time, zone *time.Location) (time.Time, error) {
	local := now.In(zone)
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone)
	switch text {
	case "":
		return time.Time{}, nil
	case "today":
		return midnight, nil
	case "yesterday":
		return midnight.AddDate(0, 0, -1), nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 && n <= 36500 {
			return now.AddDate(0, 0, -n), nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04", dateLayout} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usagef("--since %q is no time: write 2h, 7d, today, 2026-03-14 or 2026-03-14T09:00:00Z", text)
}

// size is a number of bytes for people.
func size(n int64) string {
	const unit = 1024
	switch {
	case n < unit:
		return fmt.Sprintf("%d B", n)
	case n < unit*unit:
		return fmt.Sprintf("%.0f KB", float64(n)/unit)
	case n < unit*unit*unit:
		return fmt.Sprintf("%.1f MB", float64(n)/unit/unit)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/unit/unit/unit)
}

// thousands writes a count as 98,120.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// count is a number with its noun: 1 mail, 2 mails.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return thousands(n) + " " + noun + "s"
}
