package main

import (
	"net/http"
	"testing"
)

// TestUserToken: what the command prints opens the API of a server that runs.
func TestUserToken(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	var made madeToken
	w.json(&made, "user", "token", "anna@acme.example", "--name", "export")
	if made.Name != "export" || made.User != "anna@acme.example" {
		t.Errorf("user token printed %+v, want export of anna", made)
	}
	for token, want := range map[string]int{string(made.Token): 200, "another": 401} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+s.web+"/api/v1/users", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("GET users with %q = %s, want %d", token, res.Status, want)
		}
	}
	if r := w.run("user", "token", "anna@acme.example"); r.code != exitFailed && r.code != exitUsage {
		t.Errorf("a token without a name: exit %d, want a refusal", r.code)
	}
}
