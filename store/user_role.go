package store

import (
	"context"

	"blindcopy/crm"
)

// SetUserRole makes a user an admin, or a manager. crm.ErrInvalid for the last admin: nobody could make another.
func (s *Store) SetUserRole(ctx context.Context, id crm.UserID, role crm.Role) (crm.User, error) {
	return s.changeUser(ctx, id, func(t *tx, u crm.User) error {
		if role != crm.RoleAdmin && role != crm.RoleManager {
			return invalid("%q is no role: admin or manager", string(role))
		}
		if _, err := t.do(`UPDATE crm_user SET role = ? WHERE id = ?`, string(role), int64(id)); err != nil {
			return err
		}
		var admins int
		_, err := t.get(t.ctx, &admins, `SELECT count(*) FROM crm_user WHERE role = 'admin' AND active = 1`)
		if err == nil && admins == 0 {
			err = invalid("somebody has to be an admin: make another one first")
		}
		if err != nil || u.Role == role {
			return err
		}
		return t.audit("user.role", u.Email, map[string]any{"role": map[string]any{"was": u.Role, "is": role}})
	})
}
