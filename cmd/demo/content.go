package main

import (
	"context"
	"fmt"
	"time"

	"portico/auth"
	"portico/auth/campusone/campusonetest"
	"portico/auth/reading"
	"portico/db"
)

// seeder fills an empty database with a department that does not exist, as of
// a moment: whenever the demo is opened, it is the sixth week of a semester.
type seeder struct {
	db    *db.DB
	zone  *time.Location
	now   time.Time
	owner string // who answers for it all
}

// seed makes the department, unless the database holds one already.
func (s *seeder) seed(ctx context.Context, provider string) error {
	have, err := s.db.Items(ctx, db.ItemFilter{Limit: 1})
	if err != nil || len(have) > 0 {
		return err
	}
	for _, step := range []func(context.Context) error{
		func(ctx context.Context) error { return s.lecturer(ctx, provider) }, s.settings, s.announcements, s.classes, s.events, s.people, s.pages, s.links, s.files,
	} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("making the demo's department: %w", err)
		}
	}
	return nil
}

// lecturer is told of by Campus One, so that somebody answers for the content
// before the first sign-in.
func (s *seeder) lecturer(ctx context.Context, provider string) error {
	fact := func(field, value string) db.Fact {
		return db.Fact{Field: field, Value: value, AsOf: s.now, Source: db.SourceWebhook}
	}
	v := db.Delivery{Key: "demo-lecturer", Event: "user.created", Occurred: s.now, Received: s.now, Body: []byte(`{"demo":"the lecturer is made known"}`), User: campusonetest.SubIbrahim}
	if _, err := s.db.StoreDelivery(ctx, v); err != nil {
		return err
	}
	effect := db.Effect{Provider: provider, Sub: campusonetest.SubIbrahim, Create: true, Facts: []db.Fact{
		fact(db.FieldName, "Dr Ibrahim Obeche"), fact(db.FieldRole, "staff"), fact(db.FieldDepartmentID, campusonetest.DepartmentCS),
	}}
	if _, err := s.db.Apply(ctx, v, effect); err != nil {
		return err
	}
	u, err := s.db.UserBySub(ctx, provider, campusonetest.SubIbrahim)
	s.owner = u.ID
	return err
}

func (s *seeder) settings(ctx context.Context) error {
	settings := reading.Settings{
		Name: "Department of Computer Science", Short: "Computer Science", University: "Nile University of Nigeria",
		Motto: "Notices, timetables and people of the department, in one place.", Contact: "cs-office@nile.example",
		Departments: []string{campusonetest.DepartmentCS},
		Reach: []reading.Reach{
			{Label: "Department office, block C, room 12", Text: "Monday to Friday, 9:00 to 15:00", Link: "cs-office@nile.example"},
			{Label: "Exam officer, block C, room 9", Text: "Tuesday and Thursday, 10:00 to 13:00", Link: "cs-exams@nile.example"},
		},
	}
	named := reading.SettingWords(func(string) string { return "Computer Science" })
	if err := s.db.SaveSettings(ctx, settings.Rows(), named, s.owner, s.now); err != nil {
		return err
	}
	return s.db.SaveCategories(ctx, []db.Category{
		{ID: "academic", Name: "Academic"}, {ID: "exams", Name: "Exams and results"}, {ID: "events", Name: "Events"},
		{ID: "opportunities", Name: "Opportunities"}, {ID: "facilities", Name: "Rooms and labs"},
	}, s.owner, s.now)
}

// audience is for "all", "signed-in", "staff", "ours" (the department's
// students) or the department's students of a level.
func audience(who string) string {
	group := auth.Group{auth.AboutRole: {"global:student"}, auth.AboutDepartment: {campusonetest.DepartmentCS}}
	switch who {
	case "all":
		return auth.Audience{To: auth.Everybody}.Text()
	case "signed-in":
		return auth.Audience{To: auth.SignedIn}.Text()
	case "staff":
		group = auth.Group{auth.AboutRole: {"global:staff", "global:admin"}}
	case "ours":
	default:
		group[auth.AboutLevel] = []string{who}
	}
	return auth.Audience{To: auth.Groups, Groups: []auth.Group{group}}.Text()
}

// item is what all items of the demo share.
func (s *seeder) item(title, body, who string) db.Content {
	return db.Content{Slug: reading.Slug(title), Title: title, Body: body, Audience: audience(who), Owner: s.owner, Publish: s.now.Add(-time.Hour)}
}

func (s *seeder) create(ctx context.Context, kind db.Kind, c db.Content) error {
	if _, err := s.db.CreateItem(ctx, kind, c, s.owner, s.now); err != nil {
		return fmt.Errorf("%s %q: %w", kind, c.Title, err)
	}
	return nil
}

// day is midnight so many days from today.
func (s *seeder) day(days int) time.Time {
	local := s.now.In(s.zone)
	return time.Date(local.Year(), local.Month(), local.Day()+days, 0, 0, 0, 0, s.zone)
}

// monday is midnight of the Monday so many weeks from this one.
func (s *seeder) monday(weeks int) time.Time {
	since := (int(s.now.In(s.zone).Weekday()) + 6) % 7
	return s.day(7*weeks - since)
}

func (s *seeder) announcements(ctx context.Context) error {
	for _, n := range notices {
		c := s.item(n.title, n.body, n.who)
		c.Category, c.Draft = n.category, n.draft
		c.Publish = s.day(-n.age).Add(9 * time.Hour)
		if n.age == 0 {
			c.Publish = s.now.Add(-20 * time.Minute)
		}
		if n.valid > 0 {
			c.Until = s.day(n.valid - n.age)
		}
		if n.pinned > 0 {
			c.Pinned = s.day(n.pinned)
		}
		if n.review != 0 {
			c.Review = s.day(n.review)
		}
		if err := s.create(ctx, db.Announcement, c); err != nil {
			return err
		}
	}
	return nil
}

const (
	semesterBegan = -5  // weeks from this one
	semesterEnds  = 9   // its last week of classes
	lastSemester  = -28 // the first week of the one before, as long as this one
)

// classes makes the weekly timetable of this semester and of the last. One
// class of each level was moved this morning, and one will not take place.
func (s *seeder) classes(ctx context.Context) error {
	for n, l := range lectures {
		for _, began := range []int{lastSemester, semesterBegan} {
			c := s.class(l, began)
			if began == semesterBegan {
				s.disturb(c.Event, n)
			}
			if err := s.create(ctx, db.EventItem, c); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *seeder) class(l lecture, began int) db.Content {
	c := s.item(l.title, "Lecture with "+l.with+".\n", l.level)
	start := db.WallAt(s.monday(began).AddDate(0, 0, l.day), s.zone).Add(time.Duration(l.hour) * time.Hour)
	last := s.monday(began+semesterEnds-semesterBegan).AddDate(0, 0, 6)
	c.Event = &db.Event{Kind: db.EventClass, Place: l.place, Starts: start, Ends: start.Add(2 * time.Hour), RepeatTo: last.Format(time.DateOnly)}
	return c
}

// disturb moves or cancels the next time of some classes.
func (s *seeder) disturb(e *db.Event, n int) {
	next := e.Starts
	for !next.In(s.zone).After(s.now) {
		next = next.Add(db.Week)
	}
	x := db.Exception{Day: next.Day(), Changed: s.now.Add(-3 * time.Hour)}
	switch n % 5 {
	case 0:
		x.Starts, x.Ends, x.Place = next.Add(24*time.Hour), next.Add(26*time.Hour), "Lab 3, block D"
	case 3:
		x.Cancelled, x.Changed = true, s.now.Add(-30*time.Hour)
	default:
		return
	}
	e.Exceptions = []db.Exception{x}
}

func (s *seeder) events(ctx context.Context) error {
	for _, o := range occasions {
		c := s.item(o.title, o.body, o.who)
		start := db.WallAt(s.day(o.in), s.zone)
		if !o.allDay {
			start = start.Add(time.Duration(o.hour) * time.Hour)
		}
		c.Event = &db.Event{Kind: o.kind, Place: o.place, Starts: start, AllDay: o.allDay}
		if o.hours > 0 {
			c.Event.Ends = start.Add(time.Duration(o.hours) * time.Hour)
		}
		if o.weeks > 0 {
			c.Event.RepeatTo = s.day(o.in + 7*o.weeks).Format(time.DateOnly)
		}
		if err := s.create(ctx, db.EventItem, c); err != nil {
			return err
		}
	}
	return nil
}

func (s *seeder) people(ctx context.Context) error {
	for rank, p := range staff {
		c := s.item(p.name, p.about, "all")
		c.Rank, c.Entry = rank, &db.Entry{Role: p.role, Room: p.room, Hours: p.hours, Email: p.email}
		if err := s.create(ctx, db.PersonEntry, c); err != nil {
			return err
		}
	}
	return nil
}

func (s *seeder) pages(ctx context.Context) error {
	for rank, p := range pages {
		c := s.item(p.title, p.body, p.who)
		c.Rank, c.InMenu, c.Review = rank, p.menu, s.day(p.review)
		if err := s.create(ctx, db.FreePage, c); err != nil {
			return err
		}
	}
	return nil
}

func (s *seeder) links(ctx context.Context) error {
	for rank, l := range links {
		c := s.item(l.label, "", l.who)
		c.Rank, c.Link = rank, l.address
		if err := s.create(ctx, db.QuickLink, c); err != nil {
			return err
		}
	}
	return nil
}
