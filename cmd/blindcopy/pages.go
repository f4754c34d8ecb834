package main

import (
	"context"
	"log/slog"
	"net"

	"blindcopy/config"
	"blindcopy/crm"
	"blindcopy/web"
)

// pages builds the pages, for a server that listens on an address.
func (o *office) pages(listening string, log *slog.Logger) (*web.Server, error) {
	o.publicURL = publicURL(o.cfg, listening)
	return web.New(web.Options{Store: o.store, Office: o, PublicURL: o.publicURL, Version: version, DealStages: o.cfg.Web.DealStages, Log: log, Now: o.now})
}

// publicURL is what people type to reach the pages. Where only web.listen was set, it is the address on this machine.
func publicURL(cfg *config.Config, listening string) string {
	usual := config.Defaults().Web
	if cfg.Web.PublicURL != usual.PublicURL || cfg.Web.Listen == usual.Listen {
		return cfg.Web.PublicURL
	}
	host, port, err := net.SplitHostPort(listening)
	if err != nil {
		return cfg.Web.PublicURL
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// offerSetUp prints the link to the first admin's password while nobody can sign in. It stands in the log alone:
// whoever reads that runs the machine.
func (s *server) offerSetUp(ctx context.Context) error {
	if s.health == nil {
		return nil
	}
	has, err := s.office.store.HasPasswords(ctx)
	if err != nil || has {
		return err
	}
	users, err := s.office.store.Users(ctx)
	if err != nil {
		return err
	}
	ticket := crm.Ticket{Purpose: crm.TicketSetup}
	for _, u := range users { // newest first: the last one is the admin that init made
		if u.Active && u.Role == crm.RoleAdmin {
			ticket.User = u.ID
		}
	}
	secret, err := s.office.store.AddTicket(ctx, ticket)
	if err != nil {
		return err
	}
	s.log.Info("open " + s.office.ticketURL(crm.TicketSetup, secret) + " to set up")
	return nil
}
