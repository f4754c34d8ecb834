package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"blindcopy/crm"
)

// numbersStore counts.
type numbersStore interface {
	Numbers(ctx context.Context, weeks int) (crm.Numbers, error)
}

const (
	numbersWeeks = 12
	// countAgain is how long a count is shown: it reads all mail of twelve weeks.
	countAgain = 5 * time.Minute
)

// desk is what the pages of a desk share between requests.
type desk struct {
	examining sync.Mutex

	counting sync.Mutex
	counted  time.Time
	numbers  crm.Numbers
}

// count counts, or remembers. Who comes while it is counted waits for the same count.
func (s *Server) count(ctx context.Context) (crm.Numbers, time.Time, error) {
	s.desk.counting.Lock()
	defer s.desk.counting.Unlock()
	if now := s.Now(); s.desk.counted.IsZero() || now.Sub(s.desk.counted) > countAgain || now.Before(s.desk.counted) {
		n, err := s.Store.Numbers(ctx, numbersWeeks)
		if err != nil {
			return n, now, err
		}
		s.desk.numbers, s.desk.counted = n, now
	}
	return s.desk.numbers, s.desk.counted, nil
}

// numbersPage is twelve weeks in figures.
type numbersPage struct {
	Counted  time.Time
	Partial  bool
	From     time.Time
	Weeks    []weekRow // newest first
	Total    weekRow
	Mail     chart
	Answered chart
	People   []personRow
	Reasons  []reasonRow
}

// weekRow is one week as a table shows it.
type weekRow struct {
	Monday                                      time.Time
	Received, Filed, Held, Other, Created       int
	Mails, Linked, Sent, Came, Answers, Percent int
	Wait                                        string // the median
	waits                                       []time.Duration
}

// personRow is one user's mail in each week, oldest first.
type personRow struct {
	Name           string
	Email          crm.Address
	Weeks          []int
	Sent, Received int
	Answers        int
	Wait           string
}

type reasonRow struct {
	Code  crm.Code
	Count int
}

func (s *Server) numbers(r *request) (answer, error) {
	n, counted, err := s.count(r.Context())
	if err != nil {
		return nil, err
	}
	users, err := s.Store.Users(r.Context())
	if err != nil {
		return nil, err
	}
	d := numbersPage{Counted: counted, Partial: n.Partial, From: n.From}
	for _, w := range n.Weeks {
		row := rowOf(w)
		d.Total.add(row)
		d.Weeks = append(d.Weeks, row)
	}
	d.Total.finish()
	d.Mail, d.Answered = mailChart(d.Weeks), answerChart(d.Weeks)
	slices.Reverse(d.Weeks)
	d.People = peopleRows(n, users, r.viewer)
	for code, count := range n.Reasons {
		d.Reasons = append(d.Reasons, reasonRow{code, count})
	}
	slices.SortFunc(d.Reasons, func(a, b reasonRow) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code))
	})
	return page{Template: "numbers", Title: "Numbers", Nav: "numbers", Data: d}, nil
}

func rowOf(w crm.Week) weekRow {
	row := weekRow{Monday: w.Monday, Received: w.Received, Filed: w.Verdicts[crm.Filed], Held: w.Verdicts[crm.Held], Created: w.Created, Mails: w.Mails, Linked: w.Linked}
	row.Other = row.Received - row.Filed - row.Held
	for _, p := range w.People {
		row.Sent += p.Sent
		row.Came += p.Received
		row.waits = append(row.waits, p.Answers...)
	}
	row.finish()
	return row
}

// add sums up.
func (t *weekRow) add(row weekRow) {
	t.Received += row.Received
	t.Filed += row.Filed
	t.Held += row.Held
	t.Other += row.Other
	t.Created += row.Created
	t.Mails += row.Mails
	t.Linked += row.Linked
	t.Sent += row.Sent
	t.Came += row.Came
	t.waits = append(t.waits, row.waits...)
}

// finish works out what follows from the sums.
func (t *weekRow) finish() {
	if t.Mails > 0 {
		t.Percent = 100 * t.Linked / t.Mails
	}
	t.Answers, t.Wait = len(t.waits), waitWords(median(t.waits))
}

// peopleRows are the users: all of them for an admin, else whoever looks. What a colleague wrote when is not
// everybody's business.
func peopleRows(n crm.Numbers, users []crm.User, v crm.Viewer) (list []personRow) {
	for _, u := range users {
		if !v.IsAdmin() && u.Email != v.Email() {
			continue
		}
		row := personRow{Name: u.String(), Email: u.Email}
		var waits []time.Duration
		for _, w := range n.Weeks {
			p := w.People[u.ID]
			row.Weeks = append(row.Weeks, p.Sent+p.Received)
			row.Sent += p.Sent
			row.Received += p.Received
			waits = append(waits, p.Answers...)
		}
		row.Answers, row.Wait = len(waits), waitWords(median(waits))
		list = append(list, row)
	}
	slices.SortFunc(list, func(a, b personRow) int {
		return cmp.Or(cmp.Compare(b.Sent+b.Received, a.Sent+a.Received), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// median is the middle one, 0 of none. A mean would tell of holidays.
func median(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

func waitWords(d time.Duration) string {
	switch {
	case d == 0:
		return ""
	case d < time.Hour:
		return fmt.Sprintf("%d min", max(1, int(d.Minutes())))
	case d < 48*time.Hour:
		return fmt.Sprintf("%.1f h", d.Hours())
	}
	return fmt.Sprintf("%.1f days", d.Hours()/24)
}
