// ForeignShare
