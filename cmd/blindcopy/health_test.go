package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestHealth(t *testing.T) {
	var reasons []string
	h, err := listenHealth(t.Context(), "127.0.0.1:0", func(context.Context) []string { return reasons }, http.NotFoundHandler())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.run(ctx) }()
	test := func(rule, method, path string, wantCode int, wantBody string) {
		t.Helper()
		code, body := ask(t, method, "http://"+h.addr()+path)
		if code != wantCode || !strings.Contains(body, wantBody) {
			t.Errorf("%s: %s %s = %d %q, want %d %q", rule, method, path, code, body, wantCode, wantBody)
		}
	}
	test("it lives", "GET", "/healthz", 200, `{"status":"ok","reasons":[]}`)
	test("mail can be taken", "GET", "/readyz", 200, `{"status":"ready","reasons":[]}`)
	test("nothing else is here", "GET", "/", 404, "")
	test("nothing can be changed", "POST", "/healthz", 405, "")
	reasons = []string{"the queue is full", "the disk is full"}
	test("it says why it is not ready", "GET", "/readyz", 503, `{"status":"not ready","reasons":["the queue is full","the disk is full"]}`)
	test("a restart would not help, so it lives", "GET", "/healthz", 200, "ok")
	reasons = nil
	h.stopping.Store(true)
	test("while it stops it takes nothing new", "GET", "/readyz", 503, `["stopping"]`)
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("it does not stop")
	}
}

func TestHealthSaysWhoseAddressIsTaken(t *testing.T) {
	h, err := listenHealth(t.Context(), "127.0.0.1:0", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer h.listener.Close()
	_, err = listenHealth(t.Context(), h.addr(), nil, nil)
	if err == nil || !strings.Contains(err.Error(), "web.listen "+h.addr()) {
		t.Errorf("error %v does not name web.listen %s", err, h.addr())
	}
}

func ask(t *testing.T, method, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}
