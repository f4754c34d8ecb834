package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"blindcopy/crm"
	"blindcopy/web"
)

// mostRefusals is how many are remembered: of mail that was turned away there is no intake, and whoever looks for it looks
// soon. The mail log has them all.
const mostRefusals = 500

// refusals are the transactions that were refused of late, in memory since the start.
type refusals struct {
	mu   sync.Mutex
	list []web.Refusal // oldest first
}

func (r *refusals) add(one web.Refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.list) >= mostRefusals {
		r.list = slices.Delete(r.list, 0, len(r.list)-mostRefusals+1)
	}
	r.list = append(r.list, one)
}

// newest are those that a test holds for, newest first.
func (r *refusals) newest(limit int, fits func(web.Refusal) bool) (list []web.Refusal) {
	if r == nil {
		return nil // a command beside the server
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range slices.Backward(r.list) {
		if len(list) < limit && fits(one) {
			list = append(list, one)
		}
	}
	return list
}

// Refusals are mail that was turned away before it was read, newest first: all for an admin, for others what came from
// their addresses, or was for a BCC address of theirs, though misspelt.
func (o *office) Refusals(u crm.User, match string, limit int) []web.Refusal {
	match = strings.ToLower(match)
	return o.refusals.newest(limit, func(one web.Refusal) bool {
		text := strings.ToLower(one.From + "\n" + one.To + "\n" + one.Reply)
		return strings.Contains(text, match) && (u.Role == crm.RoleAdmin || concerns(one, u))
	})
}

func concerns(one web.Refusal, u crm.User) bool {
	from, _ := crm.ParseAddress(one.From)
	if slices.Contains(userAddresses(u), from) {
		return true
	}
	slug := crm.Slug(u.Email) + "-"
	return slices.ContainsFunc(strings.Fields(strings.ToLower(one.To)), func(path string) bool {
		return strings.HasPrefix(path, slug) && strings.HasSuffix(path, "@"+u.BCCAddress.Domain())
	})
}

// remembering is the mail log, with the refusals remembered.
type remembering struct {
	slog.Handler
	refusals *refusals
}

// Enabled takes what the log does not want, too: a log of warnings alone is no reason to forget.
func (h remembering) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo
}

func (h remembering) Handle(ctx context.Context, record slog.Record) error {
	if record.Message == "refused" {
		h.remember(record)
	}
	if !h.Handler.Enabled(ctx, record.Level) {
		return nil
	}
	return h.Handler.Handle(ctx, record)
}

func (h remembering) WithAttrs(attrs []slog.Attr) slog.Handler {
	return remembering{h.Handler.WithAttrs(attrs), h.refusals}
}

func (h remembering) WithGroup(name string) slog.Handler {
	return remembering{h.Handler.WithGroup(name), h.refusals}
}

// remember keeps a line of the mail log that is about somebody's mail; what a port scanner says is about nobody's.
func (h remembering) remember(record slog.Record) {
	one := web.Refusal{At: record.Time}
	mail := false
	record.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "peer":
			one.Peer = a.Value.String()
		case "from":
			one.From, mail = a.Value.String(), true
		case "to":
			if paths, ok := a.Value.Any().([]string); ok && one.To == "" {
				one.To = strings.Join(paths, " ")
			}
		case "path":
			one.To = a.Value.String()
		case "reply":
			one.Reply = fmt.Sprint(a.Value.Any())
		}
		return true
	})
	if mail {
		h.refusals.add(one)
	}
}
