package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// healthcheckCommand is `blindcopy healthcheck`.
func (a *app) healthcheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "healthcheck",
		Short:   "Ask the running server whether it takes mail",
		Long:    "Asks /readyz at web.listen. Containers run it: it ends with 0 if the server takes mail, with 1 if not.",
		Example: "  blindcopy healthcheck",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.config()
			if err != nil {
				return err
			}
			if cfg.Web.Listen == "" {
				return withHint(errors.New("web.listen is none, so there is nothing to ask"), "Set web.listen, for instance to 127.0.0.1:8025.")
			}
			answer, err := askReady(cmd.Context(), cfg.Web.Listen)
			if err != nil {
				return err
			}
			return a.show(answer, func(s *screen) { s.line(answer.Status) })
		},
	}
}

// askReady asks /readyz on this machine, whatever interface the server listens on.
func askReady(ctx context.Context, listen string) (state, error) {
	const patience = 4 * time.Second
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return state{}, fmt.Errorf("web.listen %q: %w", listen, err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return state{}, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return state{}, withHint(fmt.Errorf("no server answers: %w", err), "blindcopy serve")
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	if err != nil {
		return state{}, err
	}
	var st state
	if err := json.Unmarshal(body, &st); err != nil {
		return st, fmt.Errorf("%s is answered %s, but not by blindcopy", req.URL, res.Status)
	}
	if res.StatusCode != http.StatusOK {
		return st, fmt.Errorf("the server is not ready: %s", oneLine(strings.Join(st.Reasons, "; ")))
	}
	return st, nil
}
