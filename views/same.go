package views

import "slices"

// Same reports whether two pages would be drawn alike around the same content.
func (p *Page) Same(o *Page) bool {
	return p.Title == o.Title && p.Path == o.Path && p.Site == o.Site &&
		p.SignInNext == o.SignInNext && p.Banner == o.Banner && p.Flash == o.Flash && p.FormTag == o.FormTag &&
		p.Search == o.Search && p.ConsentPending == o.ConsentPending && p.Script == o.Script && p.noSignIn == o.noSignIn && p.editing == o.editing &&
		p.Now.Equal(o.Now) && p.Zone == o.Zone && samePointed(p.Person, o.Person) && samePointed(p.Preview, o.Preview) &&
		slices.Equal(p.Menu, o.Menu) && slices.Equal(p.Tools, o.Tools) && slices.Equal(p.Footer, o.Footer)
}

// Same reports whether two dashboards would be drawn alike.
func (m *DashboardModel) Same(o *DashboardModel) bool {
	return m.Role == o.Role && m.StudentID == o.StudentID && m.Faculty == o.Faculty && m.Department == o.Department &&
		m.Level == o.Level && m.Session == o.Session && m.Semester == o.Semester &&
		m.NoRole == o.NoRole && m.External == o.External && m.CheckAgain == o.CheckAgain &&
		m.Calendar == o.Calendar && m.Events == o.Events && m.MarkRead == o.MarkRead && m.MoreUnread == o.MoreUnread && m.AllNotices == o.AllNotices &&
		m.MoreOnDesk == o.MoreOnDesk && m.DeskHref == o.DeskHref && slices.Equal(m.Desk, o.Desk) &&
		slices.Equal(m.Staff, o.Staff) && slices.Equal(m.Links, o.Links) &&
		slices.Equal(m.Changed, o.Changed) && slices.Equal(m.Today, o.Today) && slices.Equal(m.Next, o.Next) &&
		slices.Equal(m.ForYou, o.ForYou) && slices.Equal(m.Attention, o.Attention) && slices.Equal(m.FirstRun, o.FirstRun)
}

func samePointed[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
