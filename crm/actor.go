package crm

import "context"

// Actor is who does something that changes the company's records: what the audit log names.
type Actor struct {
	User UserID // 0 is the operator of the machine, or the program itself
	Name string // as the audit log shows it: an e-mail address, or "operator"
	Via  string // "command", "web", "api", "mail", "serve"
}

type actorKey struct{}

// WithActor returns a context in which changes are made in the name of an actor.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf is who acts in a context. Where nobody said so it is the program itself, named "blindcopy".
func ActorOf(ctx context.Context) Actor {
	if a, ok := ctx.Value(actorKey{}).(Actor); ok {
		return a
	}
	return Actor{Name: "blindcopy", Via: "serve"}
}
