package browser_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// canaryHost is a name that Chromium finds on this machine. It is no host of ours: it gets no cookie by accident.
const canaryHost = "canary.example"

// canary is a server elsewhere that must not hear of anybody who reads a mail.
type canary struct {
	url string

	mu    sync.Mutex
	heard []string
}

func newCanary(t *testing.T) *canary {
	t.Helper()
	c := &canary{}
	server := httptest.NewUnstartedServer(c)
	// A connection without a request tells as much as a request.
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			c.hear("a connection")
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c.url = "http://" + net.JoinHostPort(canaryHost, port)
	return c
}

func (c *canary) hear(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard = append(c.heard, what)
}

// ServeHTTP answers with an image of one pixel, whatever is asked for.
func (c *canary) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	told := r.Header.Get("Referer") + r.Header.Get("Cookie")
	c.hear(strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Method, r.URL.Path, told)))
	w.Header().Set("Content-Type", "image/gif")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	_, _ = w.Write([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
}

// asked returns what was asked for since the last time, connections left out.
func (c *canary) asked() []string {
	return slices.DeleteFunc(c.all(), func(s string) bool { return s == "a connection" })
}

// all returns everything since the last time.
func (c *canary) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	heard := c.heard
	c.heard = nil
	return heard
}
