package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"portico/db"
)

// failedDelivery puts a change of role into the inbox that was tried ten times
// in vain, a moment after now so that nothing later is known: failed ID NAME ROLE.
func failedDelivery(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: failed ID NAME ROLE")
	}
	ctx := context.Background()
	d, err := db.Open(ctx, cmp.Or(ts.Getenv("DATABASE_URL"), "sqlite:"+ts.MkAbs("portico.db")), db.Options{NoMigrate: true})
	ts.Check(err)
	defer func() { ts.Check(d.Close()) }()
	sub, at := seededSub(ts, args[1]), time.Now().Add(2*time.Second)
	_, err = d.StoreDelivery(ctx, db.Delivery{
		Key: args[0], Event: "user.role_changed", User: sub, Fields: []string{db.FieldRole}, Occurred: at, Received: at, State: db.StateDead, Attempts: 10, Error: "disk full",
		Body: fmt.Appendf(nil, `{"id":%q,"event":"user.role_changed","data":{"user_id":%q,"new_role":%q}}`, args[0], sub, args[2]),
	})
	ts.Check(err)
}
