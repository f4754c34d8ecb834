package web

import (
	"context"

	"blindcopy/crm"
)

// tokenStore are the tokens with which programs act for a user.
type tokenStore interface {
	AddAPIToken(ctx context.Context, user crm.UserID, name string) (crm.APIToken, crm.Secret, error)
	APITokens(ctx context.Context, user crm.UserID) ([]crm.APIToken, error)
	RemoveAPIToken(ctx context.Context, user crm.UserID, id int64) error
}

// tokenPage shows a token, once. It is the answer to the form itself: there is nothing to come back to.
type tokenPage struct {
	Name   string
	Secret crm.Secret
}

func (s *Server) tokenAdd(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	made, secret, err := s.Store.AddAPIToken(r.Context(), r.user.ID, r.field("name"))
	if text, ok := problem(err); ok {
		return s.addressWith(r, text)
	}
	return page{Template: "address_token", Title: "Your token", Nav: "address", Data: tokenPage{made.Name, secret}}, err
}

func (s *Server) tokenRemove(r *request) (answer, error) {
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	err = s.Store.RemoveAPIToken(r.Context(), r.user.ID, id)
	return s.addressAgain(r, err, "The token is revoked.", crm.Later{})
}
