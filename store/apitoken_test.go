package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"blindcopy/crm"
)

func TestAPITokens(t *testing.T) {
	n := newNouns(t)
	ctx := t.Context()
	made, secret, err := n.AddAPIToken(ctx, 1, " nightly export ")
	if err != nil || made.Name != "nightly export" || len(secret) != 43 {
		t.Fatalf("AddAPIToken = %+v, %d characters, %v, want one of that name", made, len(secret), err)
	}
	if u, err := n.UserOfAPIToken(ctx, secret); err != nil || u.ID != 1 {
		t.Errorf("UserOfAPIToken = %v, %v, want user 1", u, err)
	}
	if _, err := n.UserOfAPIToken(ctx, secret+"x"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("UserOfAPIToken of another secret: %v, want ErrNotFound", err)
	}
	list := must(n.APITokens(ctx, 1))(t)
	if len(list) != 1 || list[0].ID != made.ID || list[0].LastUsedAt == nil {
		t.Errorf("APITokens = %+v, want the one, used", list)
	}
	for _, name := range []string{"", "  ", fmt.Sprintf("%0101d", 1)} {
		if _, _, err := n.AddAPIToken(ctx, 1, name); !errors.Is(err, crm.ErrInvalid) {
			t.Errorf("AddAPIToken named %q: %v, want ErrInvalid", name, err)
		}
	}
	if err := n.RemoveAPIToken(ctx, 2, made.ID); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("another user revokes the token: %v, want ErrNotFound", err)
	}
	if err := n.RemoveAPIToken(ctx, 1, made.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := n.UserOfAPIToken(ctx, secret); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("UserOfAPIToken of a revoked one: %v, want ErrNotFound", err)
	}
}

// TestAPITokenUseIsNotedOnceAMinute, and a disabled user has none that works.
func TestAPITokenUseIsNotedOnceAMinute(t *testing.T) {
	n := newNouns(t)
	ctx, now := t.Context(), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	n.Now = func() time.Time { return now }
	_, secret, err := n.AddAPIToken(ctx, 1, "sync")
	if err != nil {
		t.Fatal(err)
	}
	begin := now
	for _, row := range []struct{ after, noted time.Duration }{{0, 0}, {59 * time.Second, 0}, {60 * time.Second, 60 * time.Second}} {
		now = begin.Add(row.after)
		must(n.UserOfAPIToken(ctx, secret))(t)
		got := must(n.APITokens(ctx, 1))(t)[0].LastUsedAt
		if want := begin.Add(row.noted); got == nil || !got.Equal(want) {
			t.Errorf("used after %s, noted %v, want %v", row.after, got, want)
		}
	}
	must(n.SetUserActive(ctx, 1, false))(t)
	if _, err := n.UserOfAPIToken(ctx, secret); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the token of a disabled user: %v, want ErrNotFound", err)
	}
}
