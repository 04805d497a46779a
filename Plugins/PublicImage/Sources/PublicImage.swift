// PublicImage
