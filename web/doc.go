// Package web is the pages that people look at, and what programs ask of the same server.
//
// A request takes one way: routes.go names the handler, handle.go finds out who asks, the handler gathers and returns an
// answer or an error, answer.go sends the answer, errors.go turns the error into a page. There is a file for each page,
// with its template of the same name under templates/.
//
// The package knows no database and no rule about mail. It asks Store for what is kept, and Office for acts that
// are more than one change; the interfaces stand beside the pages that call them, and ports.go adds them up. What somebody
// may see is decided by crm.Viewer, here, before anything is shown.
package web
