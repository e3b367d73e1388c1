// Package views draws the portal's pages. A view is a pure function of typed
// data: it reads no database, no request and no clock, and it knows nothing of
// sign-in beyond the addresses its forms are sent to.
//
// Decisions:
//
//   - No page has inline script or inline style, so the content security
//     policy needs no exception. What a chart needs is said in SVG attributes.
//   - Every page works without script and without the layers of the stylesheet.
//   - A page links only to what its caller names: menu, footer, the account
//     page and staff entries come as data, so nothing points at an address
//     that is not there.
//   - What is missing is left out. A view never prints an empty label.
//   - The header holds the menu twice: as a plain list for wide windows, and
//     inside one details element for narrow ones. Only one of them is ever
//     displayed, so only one is read aloud or reached by keyboard.
//   - Every form that changes something for a signed-in person carries the
//     hidden field "tag", by which the receiver knows for whom it was drawn.
package views
