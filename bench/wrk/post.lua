-- POSTs the prepared requests of a file per thread, each once.
-- A line of the file: path, token, body, parted by tabs.
spent = 0
refusals = 0

function init(args)
   local head = "Host: " .. wrk.headers["Host"] .. "\r\nContent-Type: application/json\r\n" ..
      "Idempotency-Key: bench-0001\r\n"
   prepared = {}
   for line in io.lines(args[1] .. "." .. number) do
      local path, token, body = line:match("^([^\t]*)\t([^\t]*)\t(.*)$")
      prepared[#prepared + 1] = "POST " .. path .. " HTTP/1.1\r\n" .. head ..
         "Authorization: Bearer " .. token .. "\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
   end
   place = 0
end

function request()
   place = place + 1
   if place > #prepared then
      spent = spent + 1
      place = 1
   end
   return prepared[place]
end

function response(status, headers, body)
   if status >= 400 and refusals < 3 then
      refusals = refusals + 1
      io.stderr:write(status, " ", body, "\n")
   end
end
