"""What a person sees the first time: two accounts and a month of posts, with pictures drawn on the spot."""
