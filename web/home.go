package web

// home is the first page after signing in.
func (s *Server) home(r *request) (answer, error) {
	return page{Template: "home", Title: "Home", Nav: "home", Data: r.viewer.User(r.user)}, nil
}
